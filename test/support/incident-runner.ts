import { tmpdir } from 'node:os';
import { type Answer, API_KEY, RUNNER, type RunnerProcess, startRunner } from './runner-process.ts';
import { waitUntil } from './wait-until.ts';

/** Keys beside the one that may do everything, each by the scopes that it has. */
export const KEYS = {
	admin: API_KEY,
	responder: 'sp_test_responder_0123456',
	reader: 'sp_test_reader_0123456',
	caller: 'sp_test_caller_0123456',
	/** May send, respond and read, as a workflow of its own. */
	workflow: 'sp_test_workflow_0123456',
} as const;
export type KeyName = keyof typeof KEYS;

export const PUBLIC_URL = 'https://ping.example.com/base/';

const CONFIG = {
	api_keys: [
		{ name: 'admin', key: KEYS.admin, scopes: ['admin'] },
		{ name: 'responder', key: KEYS.responder, scopes: ['respond'] },
		{ name: 'reader', key: KEYS.reader, scopes: ['read'] },
		{ name: 'caller', key: KEYS.caller, scopes: ['send'] },
		{ name: 'workflow', key: KEYS.workflow, scopes: ['send', 'respond', 'read'] },
	],
	public_url: PUBLIC_URL,
	connections: [
		{ name: 'terminal', channel: 'console' },
		{ name: 'second', channel: 'console' },
	],
	contacts: [
		{
			id: 'ada',
			name: 'Ada <Lovelace>',
			addresses: [{ channel: 'console', address: 'ada' }],
			time_zone: 'Europe/Berlin',
		},
		{ id: 'bob', name: 'Bob', addresses: [{ channel: 'console', address: 'bob' }] },
	],
	policies: [
		{
			name: 'nights',
			steps: [
				{ after_s: 0, notify: ['contact:ada'] },
				{ after_s: 3_600, notify: ['contact:bob'] },
			],
		},
		{ name: 'both', steps: [{ after_s: 0, notify: ['contact:ada', 'contact:bob'], ack: 'all' }] },
		{ name: 'channel', steps: [{ after_s: 0, notify: ['console:second'] }] },
		{ name: 'brief', steps: [{ after_s: 0, notify: ['contact:ada'] }], repeat_after_s: 300 },
		{ name: 'timed', steps: [{ after_s: 0, notify: ['contact:ada'] }], ack_timeout_s: 1_800 },
	],
};

/** A runner with contacts and policies, and keys of several scopes. */
export interface IncidentRunner {
	readonly runner: RunnerProcess;
	/** One call as one of the keys. */
	call(method: string, path: string, body?: unknown, key?: KeyName): Promise<Answer>;
	/** A request for a link: without a key, as a browser makes it unless `headers` say otherwise. */
	visit(url: string, init?: RequestInit): Promise<Answer>;
	/** Opens an incident by a send, and returns its id. */
	escalate(escalation?: unknown, more?: object, key?: KeyName): Promise<string>;
	/** The incident as `GET` shows it. */
	incident(id: string): Promise<Answer['body']>;
	/** Waits until an incident has this status. */
	until(id: string, status: string): Promise<void>;
	/** The link in the newest message of the console that has one. */
	link(to: string): Promise<string>;
}

export async function startIncidentRunner(
	settings: Record<string, unknown> = {},
	node: readonly string[] = RUNNER,
): Promise<IncidentRunner> {
	const runner = await startRunner({ ...CONFIG, ...settings }, tmpdir(), [], node);
	const call: IncidentRunner['call'] = (method, path, body, key = 'admin') =>
		runner.call(method, path, body, { authorization: `Bearer ${KEYS[key]}` });
	const incident: IncidentRunner['incident'] = async (id) =>
		(await call('GET', `/incidents/${id}`)).body;
	return {
		runner,
		incident,
		async until(id, status) {
			await waitUntil(`${id} is ${status}`, async () => (await incident(id)).status === status);
		},
		call,
		async visit(url, init = {}) {
			const path = url.replace(PUBLIC_URL, '/');
			const response = await fetch(`${runner.url}${path}`, {
				...init,
				headers: { accept: 'text/html', ...init.headers },
			});
			return { status: response.status, headers: response.headers, body: await response.text() };
		},
		async escalate(escalation = 'nights', more = {}, key = 'admin') {
			const send = { message: 'The disk is full', subject: 'db-1', escalation, ...more };
			const { status, body } = await call('POST', '/send', send, key);
			if (status !== 202) throw new Error(`${status} ${JSON.stringify(body)}`);
			return body.incident.id;
		},
		async link(to) {
			let found: string | undefined;
			await waitUntil(`a link for ${to}`, () => {
				const lines = runner.output().split('[console]');
				const mine = lines.filter((line) => line.includes(to));
				found = /https:\/\/\S+\/a\/\S+/.exec(mine.at(-1) ?? '')?.[0];
				return found !== undefined;
			});
			return found ?? '';
		},
	};
}
