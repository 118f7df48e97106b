import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { shownUrl } from '../http/shown-url.ts';
import { explainRefusal } from '../runner/explain-refusal.ts';
import { connectionsSchema } from '../runner/runner-answers.ts';
import { withoutTrailingSlash } from '../http/base-url.ts';
import { fails, works } from './result.ts';
import { testPort } from './test-port.ts';

const TIMEOUT_MS = 10_000;

/** Lists a runner's connections, which sends nothing. A refusal is explained as in an execution. */
export async function testSureping(
	this: ICredentialTestFunctions,
	{ data = {} }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const baseUrl = withoutTrailingSlash(data.baseUrl);
	const apiKey = typeof data.apiKey === 'string' ? data.apiKey.trim() : '';
	if (apiKey === '') {
		return fails('API Key: enter one from api_keys in the configuration of the runner');
	}
	const reply = await testPort(this)({
		method: 'GET',
		url: `${baseUrl}/connections`,
		headers: { authorization: `Bearer ${apiKey}` },
		timeoutMs: TIMEOUT_MS,
	});
	if (!('failure' in reply) && reply.status === 200) {
		const connections = connectionsSchema.safeParse(parsed(reply.body)).data?.connections;
		if (connections) return works(`Connection successful! (${counted(connections.length)})`);
		return fails(`Something answers at ${shownUrl(baseUrl)}, but not as a Sureping runner does`);
	}
	const answer =
		'failure' in reply
			? { ...reply, mayHaveArrived: false }
			: { ...reply, body: parsed(reply.body) };
	const { message, description } = explainRefusal(answer, {
		baseUrl,
		action: 'list its connections',
		scope: 'send',
		nameOf: (path) => path,
	});
	return fails(`${message}. ${description}`);
}

const counted = (connections: number): string =>
	connections === 1 ? '1 connection' : `${connections} connections`;

function parsed(body: string): unknown {
	try {
		const value: unknown = JSON.parse(body);
		return value;
	} catch {
		return body;
	}
}
