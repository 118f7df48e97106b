import { explainStatus } from './explain.ts';
import type { HostedService } from './hosted-service.ts';

/** Default path of the id in OnePush's answer. */
export const ONE_PUSH_ID_PATH = 'id';

/**
 * OnePush documents its webhooks but publishes no API for sending (onepush.app): the URL, the header and the field names
 * are the user's, and any 2xx is an acceptance.
 * @param idPath of the id in an answer, such as `data.id`
 */
export function onePush(idPath: string = ONE_PUSH_ID_PATH): HostedService {
	const service: HostedService = {
		title: 'OnePush',
		credential: 'onePushApi',
		credentialTitle: 'OnePush API',
		keyName: 'Header Value',
		secretField: 'secretHeaderValue',
		answers: {
			service: 'OnePush',
			errors: {},
			read: ({ body }) => ({ id: idAt(body, idPath) }),
		},
		explain: (reply, action) => explainStatus(service, reply, action),
	};
	return service;
}

/** The text or number at a path of a JSON text. */
function idAt(body: string, path: string): string | undefined {
	const found = path.split('.').reduce<unknown>((value, name) => {
		const isObject = typeof value === 'object' && value !== null;
		return isObject && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
	}, parsed(body));
	return typeof found === 'string' || typeof found === 'number' ? String(found) : undefined;
}

function parsed(json: string): unknown {
	try {
		const value: unknown = JSON.parse(json);
		return value;
	} catch {
		return undefined;
	}
}
