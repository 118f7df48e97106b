import { withoutRefs } from '../support/api-schemas.ts';
import { Agent, request as httpRequest } from 'node:http';
import fc from 'fast-check';
import type { RecordingServer } from '../fakes/recording-server.ts';
import { startSink } from '../fakes/sink.ts';
import {
	type ApiDescription,
	type RandomRequest,
	randomRequests,
} from '../support/random-requests.ts';
import { residentBytes } from '../support/resident-bytes.ts';
import {
	API_KEY,
	type RunnerProcess,
	startRunner,
	WEBHOOK_SECRET,
} from '../support/runner-process.ts';

/** The full count of the acceptance is SUREPING_RANDOM_REQUESTS=100000. */
const COUNT = Number(process.env.SUREPING_RANDOM_REQUESTS ?? 3_000);
/** Under way at once. */
const TOGETHER = 30;

const MIB = 1024 * 1024;

/** Enough of them that a list seldom names one twice. */
const CONSOLES = Array.from({ length: 12 }, (_, i) => `c${i}`);

interface Answer {
	readonly status: number;
	readonly type: string;
	readonly body: string;
}

describe(`${COUNT} random requests`, () => {
	let runner: RunnerProcess;
	let sink: RecordingServer;
	const agent = new Agent({ keepAlive: true, maxSockets: TOGETHER });
	/** Ids that the runner gave out; the newest. */
	const known: string[] = [];
	const statuses = new Map<number, number>();

	beforeAll(async () => {
		sink = await startSink();
		runner = await startRunner({
			log_level: 'error',
			rate_limit: { max: 1_000_000_000, window_s: 1 },
			retry: { delays_s: [0.01], jitter: 0, timeout_s: 1 },
			webhook_retry: { delays_s: [0.01], jitter: 0, timeout_s: 1 },
			api_keys: [
				{ name: 'all', key: API_KEY, scopes: ['admin'], webhook_secret: WEBHOOK_SECRET },
				{ name: 'reader', key: 'sp_test_reader_0123456', scopes: ['read'] },
				{ name: 'sender', key: 'sp_test_sender_0123456', scopes: ['send'] },
			],
			contacts: [
				{
					id: 'ada',
					name: 'Ada',
					addresses: [{ channel: 'console', connection: 'c0', address: 'ada' }],
				},
			],
			policies: [{ name: 'page', steps: [{ after_s: 0, notify: ['contact:ada'] }] }],
			connections: [
				...CONSOLES.map((name) => ({ name, channel: 'console' })),
				{ name: 'hook', channel: 'webhook', url: `${sink.url}/hook` },
				{ name: 'broken', channel: 'webhook', url: 'http://127.0.0.1:9/' },
				{
					name: 'mail',
					channel: 'email',
					resend: { api_key: 're_test' },
					from: 'a@example.com',
					base_url: sink.url,
				},
			],
		});
	});
	afterAll(async () => {
		agent.destroy();
		await runner.dispose();
		await sink.close();
	});

	const send = ({ method, path, query, headers, body }: RandomRequest): Promise<Answer> =>
		new Promise((resolve, reject) => {
			const { hostname, port } = new URL(runner.url);
			const whole = path
				.map((part) => {
					if (typeof part === 'string') return part;
					return 'text' in part ? part.text : (known[part.known % (known.length || 1)] ?? 'none');
				})
				.join('');
			const outgoing = httpRequest(
				{
					hostname,
					port,
					agent,
					method,
					path: whole + (query && `?${query}`),
					headers: {
						...headers,
						...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
					},
				},
				(response) => {
					let text = '';
					response.on('data', (chunk: Buffer) => (text += chunk.toString()));
					response.on('error', reject);
					response.on('end', () =>
						resolve({
							status: response.statusCode ?? 0,
							type: response.headers['content-type'] ?? '',
							body: text,
						}),
					);
				},
			);
			outgoing.on('error', reject);
			outgoing.end(body);
		});

	const check = async (request: RandomRequest): Promise<void> => {
		const { status, type, body } = await send(request);
		statuses.set(status, (statuses.get(status) ?? 0) + 1);
		const about = `${request.method} ${JSON.stringify(request.path)} → ${status} ${body.slice(0, 500)}`;
		if (status >= 500 || status < 200) throw new Error(about);
		if (request.method === 'HEAD' || status === 204) return;
		if (status < 400) {
			if (type.startsWith('text/plain') || type.startsWith('text/html')) return;
			learn(JSON.parse(body));
			return;
		}
		const problem: { status?: unknown; title?: unknown; detail?: unknown } = JSON.parse(body);
		const sound =
			type.startsWith('application/problem+json') &&
			problem.status === status &&
			typeof problem.title === 'string' &&
			typeof problem.detail === 'string';
		if (!sound) throw new Error(about);
	};

	const learn = (answer: Record<string, unknown>): void => {
		for (const name of ['id', 'notification_id', 'replay_id']) {
			const id = answer[name];
			if (typeof id === 'string') known.push(id);
		}
		for (const list of Object.values(answer)) {
			if (!Array.isArray(list)) continue;
			const ids: unknown[] = list.slice(-3).map((one) => one?.id ?? one?.notification_id);
			known.push(...ids.filter((id) => typeof id === 'string'));
		}
		known.splice(0, known.length - 100);
	};

	it('are each answered with JSON or a problem document, and none with a 5xx', async () => {
		const description: ApiDescription = withoutRefs((await runner.get('/openapi.json')).body);
		const consoles = CONSOLES.map((name) => `console:${name}`);
		const requests = randomRequests(description, {
			keys: {
				valid: API_KEY,
				others: ['sp_test_reader_0123456', 'sp_test_sender_0123456', 'wrong'],
			},
			values: {
				channels: [...consoles, 'webhook', 'webhook:broken', 'email'],
				fallback_channels: [...consoles, 'webhook:hook', 'email:mail'],
				recipient: ['ada@example.com'],
				escalation: ['page'],
				events: ['notification.delivered', 'notification.failed', 'notification.queued'],
				types: ['notification.delivered', 'notification.failed,notification.queued'],
				cursor: ['0', '1', '10'],
				after: ['0', '1', '10'],
				limit: ['1', '10', '1000'],
			},
			items: {
				sends: description.paths['/send']?.post?.requestBody?.content['application/json'].schema,
			},
			// No other address is ever called: what is refused stays refused, and the rest is this process.
			urls: [
				...['/a', '/b', '/c', '/d?token=x', '/e', '/f', '/g', '/h'].map((path) => sink.url + path),
				'http://localhost:1/',
				'https://169.254.169.254/latest/meta-data',
				'https://[::1]/',
				'https://2130706433/',
				'https://user:pw@127.0.0.1/',
				'ftp://127.0.0.1/',
				`${sink.url}/${'x'.repeat(2_100)}`,
			],
		});
		const groups = fc.array(requests, { minLength: TOGETHER, maxLength: TOGETHER });
		let sent = 0;
		let early = 0;
		await fc.assert(
			fc.asyncProperty(groups, async (group) => {
				await Promise.all(group.map(check));
				sent += group.length;
				if (early === 0 && sent >= COUNT / 10) early = await residentBytes(runner);
			}),
			{ numRuns: Math.ceil(COUNT / TOGETHER), endOnFailure: true },
		);
		const late = await residentBytes(runner);
		const summary = [...statuses].sort(([a], [b]) => a - b).map(([s, n]) => `${s}: ${n}`);
		process.stdout.write(
			`${sent} random requests (${summary.join(', ')}), memory ${Math.round(early / MIB)} MiB after a tenth, ${Math.round(late / MIB)} MiB at the end\n`,
		);
		expect(sent).toBeGreaterThanOrEqual(COUNT);
		// They got past the first check, or they say little.
		expect(statuses.get(202)).toBeGreaterThan(COUNT / 300);
		expect(statuses.get(422)).toBeGreaterThan(COUNT / 300);
		expect(late).toBeLessThan(700 * MIB);
	}, 600_000);

	it('leave the runner alive, without a fault in its log, and with a feed that can be read', async () => {
		expect((await runner.get('/healthz')).status).toBe(200);
		expect((await runner.get('/readyz')).status).toBe(200);
		expect(runner.log()).not.toContain('a request failed');
		const { status, body } = await runner.post('/send', { message: 'x', channels: ['console'] });
		expect([status, body.status]).toEqual([202, 'queued']);
		let after = '';
		for (;;) {
			const page = await runner.get(`/events?limit=1000${after && `&after=${after}`}`);
			expect(page.status).toBe(200);
			if (page.body.events.length === 0) break;
			after = page.body.next_cursor;
		}
	}, 60_000);
});
