// Delivery events per second in a real n8n: our trigger, one event per request and many, next to the three nodes that
// people wire by hand for the same (Webhook, Crypto, If), in one run.
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signingKey, signOnePing } from '@sureping/engine';
import { Pool } from 'undici';
import { N8nApi, type WorkflowFile, type WorkflowFileNode } from '../scripts/n8n/api.ts';
import { startLocalN8n } from '../scripts/n8n/local-n8n.ts';
import { waitUntil } from '../scripts/n8n/wait-until.ts';
import { median } from './process.ts';

const CONNECTIONS = 10;
const WARM_UP_MS = 3_000;
const ROUND_MS = 6_000;
const ROUNDS = 3;
const BATCH = 100;
const SECRET = 'whsec_benchmark_secret_0123456789';
const OWNER = { email: 'owner@sureping.local', password: 'Correct-Horse-1' };

let made = 0;

function event(): Record<string, unknown> {
	made++;
	const now = new Date().toISOString();
	return {
		event: 'notification.delivered',
		notification_id: `msg_${made}`,
		channel: 'telegram',
		status: 'delivered',
		recipient: '@username',
		delivered_at: now,
		latency_ms: 245,
		attempt: 1,
		metadata: { order_id: 'ORD-5678' },
		timestamp: now,
		event_id: `evt_${made}`,
		delivery_id: `dlv_${made}`,
		sequence: 2,
	};
}

function signed(payload: unknown): { headers: Record<string, string>; body: string } {
	const body = JSON.stringify(payload);
	return {
		headers: {
			'content-type': 'application/json',
			...signOnePing(signingKey(SECRET), body, Date.now()),
		},
		body,
	};
}

/** Only the executions themselves: what is stored of them would be the same for all. */
const settings = { saveDataSuccessExecution: 'none', executionOrder: 'v1' };

const node = (
	name: string,
	type: string,
	typeVersion: number,
	parameters: Record<string, unknown>,
	more: Partial<WorkflowFileNode> = {},
): WorkflowFileNode => ({
	id: randomUUID(),
	name,
	type,
	typeVersion,
	parameters,
	position: [0, 0],
	...more,
});

const HEADER = '$("Webhook").item.json.headers';

/** As One-Ping's Node sample verifies, in n8n's own nodes. */
function byHand(path: string): WorkflowFile {
	return {
		name: 'By hand',
		settings,
		nodes: [
			node(
				'Webhook',
				'n8n-nodes-base.webhook',
				2.1,
				{ httpMethod: 'POST', path, responseMode: 'onReceived', options: {} },
				{ webhookId: path },
			),
			node('Crypto', 'n8n-nodes-base.crypto', 1, {
				action: 'hmac',
				type: 'SHA256',
				value: '={{ $json.headers["x-oneping-timestamp"] + "." + JSON.stringify($json.body) }}',
				dataPropertyName: 'expected',
				secret: SECRET,
				encoding: 'hex',
			}),
			node('If', 'n8n-nodes-base.if', 2.2, {
				conditions: {
					options: { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 },
					conditions: [
						{
							id: randomUUID(),
							leftValue: '={{ "sha256=" + $json.expected }}',
							rightValue: `={{ ${HEADER}["x-oneping-signature"] }}`,
							operator: { type: 'string', operation: 'equals' },
						},
						{
							id: randomUUID(),
							leftValue: `={{ Math.abs(Date.now() / 1000 - ${HEADER}["x-oneping-timestamp"]) }}`,
							rightValue: 300,
							operator: { type: 'number', operation: 'lte' },
						},
					],
					combinator: 'and',
				},
				options: {},
			}),
		],
		connections: {
			Webhook: { main: [[{ node: 'Crypto', type: 'main', index: 0 }]] },
			Crypto: { main: [[{ node: 'If', type: 'main', index: 0 }]] },
		},
	};
}

function withTrigger(webhookId: string): WorkflowFile {
	return {
		name: 'With the trigger',
		settings,
		nodes: [
			node(
				'Trigger',
				'n8n-nodes-sureping.webhookTrigger',
				2,
				{ provider: 'sureping', registration: 'manual', events: [] },
				{ webhookId, credentials: { webhookSigningApi: {} } },
			),
		],
		connections: {},
	};
}

interface Contender {
	readonly name: string;
	readonly path: string;
	readonly eventsPerRequest: number;
	payload(): unknown;
}

/** Acknowledged requests per second over ten connections. Every request is a new event; throws when one is refused. */
async function requestsPerSecond(url: string, { path, payload }: Contender, ms: number) {
	const pool = new Pool(url, { connections: CONNECTIONS });
	const end = performance.now() + ms;
	let acknowledged = 0;
	const start = performance.now();
	await Promise.all(
		Array.from({ length: CONNECTIONS }, async () => {
			while (performance.now() < end) {
				const { statusCode, body } = await pool.request({
					method: 'POST',
					path,
					...signed(payload()),
				});
				const text = await body.text();
				if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}: ${text}`);
				acknowledged++;
			}
		}),
	);
	const seconds = (performance.now() - start) / 1000;
	await pool.close();
	return acknowledged / seconds;
}

async function measure(directory: string, lazy: boolean): Promise<Map<string, number>> {
	const env = { N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: String(lazy) };
	const local = await startLocalN8n(directory, { env });
	try {
		const { url } = local.n8n;
		const api = await N8nApi.open(url, OWNER);
		const webhookSigningApi = await api.saveCredential('Benchmark', 'webhookSigningApi', {
			secret: SECRET,
		});
		const hand = randomUUID();
		const ours = randomUUID();
		await api.activate(await api.importWorkflow(byHand(hand)));
		await api.activate(await api.importWorkflow(withTrigger(ours), { webhookSigningApi }));
		const trigger = `/webhook/${ours}/webhook`;
		const contenders: readonly Contender[] = [
			{
				name: 'Webhook → Crypto → If',
				path: `/webhook/${hand}`,
				eventsPerRequest: 1,
				payload: event,
			},
			{ name: 'trigger, one event each', path: trigger, eventsPerRequest: 1, payload: event },
			{
				name: `trigger, ${BATCH} events each`,
				path: trigger,
				eventsPerRequest: BATCH,
				payload: () => ({ events: Array.from({ length: BATCH }, event) }),
			},
		];
		const figures = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
		for (const contender of contenders) {
			// n8n says that a workflow is active before its webhook is.
			await waitUntil(
				`${contender.name} answers`,
				async () => await requestsPerSecond(url, contender, 100).then(Boolean, () => false),
				30_000,
			);
			await requestsPerSecond(url, contender, WARM_UP_MS);
		}
		for (let round = 0; round < ROUNDS; round++) {
			for (const contender of contenders) {
				const requests = await requestsPerSecond(url, contender, ROUND_MS);
				figures.get(contender.name)?.push(requests * contender.eventsPerRequest);
			}
		}
		return new Map([...figures].map(([name, list]) => [name, median(list)]));
	} finally {
		await local.stop();
	}
}

// As root the database runs as another user, which has to reach its folder, and mkdtemp's 0700 forbids it.
const directory = await mkdtemp(join(tmpdir(), 'sureping-bench-n8n-'));
await chmod(directory, 0o755);
try {
	console.log(
		`\nDelivery events per second in n8n, ${CONNECTIONS} connections, median of ${ROUNDS} rounds of ${ROUND_MS / 1000} s`,
	);
	for (const lazy of [false, true]) {
		const figures = await measure(join(directory, String(lazy)), lazy);
		console.log(`\n${lazy ? 'N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE=true' : "n8n's defaults"}`);
		console.log(`${''.padEnd(32)}${'events/s'.padStart(10)}   times by hand`);
		const first = figures.values().next().value ?? Number.NaN;
		for (const [name, figure] of figures) {
			console.log(
				`${name.padEnd(32)}${figure.toFixed(1).padStart(10)}${(figure / first).toFixed(2).padStart(13)}`,
			);
		}
	}
} finally {
	await rm(directory, { recursive: true, force: true });
}
