import type {
	ICredentialTestFunctions,
	IDataObject,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { plainHeaders } from '../http/call-api.ts';
import { toTransportFailure } from '../http/transport-failure.ts';

const PROBE_TIMEOUT_MS = 10_000;

export interface ProbeReply {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
}

export interface Probe {
	readonly method: 'GET' | 'POST';
	readonly url: string;
	readonly headers: IDataObject;
	readonly body?: string;
}

export const works = (message = 'Connection successful!'): INodeCredentialTestResult => ({
	status: 'OK',
	message,
});
export const fails = (message: string): INodeCredentialTestResult => ({ status: 'Error', message });

/** One request of a credential test, or why there was no answer. `request` is all that n8n offers to such a test. */
export async function probe(
	{ helpers }: ICredentialTestFunctions,
	service: string,
	{ method, url, headers, body }: Probe,
): Promise<ProbeReply | INodeCredentialTestResult> {
	try {
		const reply: { statusCode: number; headers: IDataObject; body: unknown } =
			await helpers.request({
				method,
				uri: url,
				headers,
				// Bytes, since text that is not JSON would be made JSON on the way.
				...(body === undefined ? {} : { body: Buffer.from(body) }),
				timeout: PROBE_TIMEOUT_MS,
				simple: false,
				resolveWithFullResponse: true,
				followRedirect: false,
			});
		const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
		return { status: reply.statusCode, headers: plainHeaders(reply.headers), body: text ?? '' };
	} catch (thrown) {
		return fails(`${service}: ${toTransportFailure(thrown, PROBE_TIMEOUT_MS).detail}`);
	}
}

export function baseUrlOr(given: unknown, standard: string): string {
	const url = typeof given === 'string' ? given.trim().replace(/\/+$/, '') : '';
	return url === '' ? standard : url;
}
