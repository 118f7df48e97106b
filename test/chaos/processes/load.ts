// Sends at a bounded rate and notes what it was told, on disk before it goes on. Argument: the run's directory.
// Prints `enough` when so many were accepted that a mistake shows. It starts nothing new once its standard input ends.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Journal } from '../journal.ts';
import { batchSize, type PlannedSend, planSendNumber } from '../load-plan.ts';
import { readPlan } from '../plan.ts';
import { JOURNALS, type LoadLine } from '../records.ts';

const [directory = '.'] = process.argv.slice(2);
const { seed, rate, runners, apiKey, callbackUrl } = readPlan(directory);
const journal = new Journal<LoadLine>(join(directory, JOURNALS.load));

const WORKERS = 6;
const PATIENCE_MS = 3_000;
const PAUSE_MS = 100;
/** On a busy machine a runner may be killed before it has accepted a few. */
const ENOUGH = 100;

let isOver = false;
process.stdin.resume().once('end', () => (isOver = true));

let next = 1;
function nextSends(): readonly PlannedSend[] {
	const first = next;
	next += batchSize(seed, first);
	const count = next - first;
	return Array.from({ length: count }, (_, i) =>
		planSendNumber(seed, first + i, callbackUrl, Date.now()),
	);
}

let requests = 0;
async function post(
	path: string,
	body: unknown,
	headers: Record<string, string> = {},
): Promise<{ status: number; body: unknown } | undefined> {
	const runner = runners[requests++ % runners.length] ?? '';
	try {
		const answer = await fetch(runner + path, {
			method: 'POST',
			headers: {
				authorization: `Bearer ${apiKey}`,
				'content-type': 'application/json',
				...headers,
			},
			body: JSON.stringify(body),
			signal: AbortSignal.timeout(PATIENCE_MS),
		});
		return { status: answer.status, body: await answer.json() };
	} catch {
		return undefined;
	}
}

/** The part of an answer that is compared. */
interface Accepted {
	readonly notification_id: string;
	readonly deliveries: readonly { readonly id: string }[];
}

let accepted = 0;
function acknowledge({ n }: PlannedSend, answer: unknown): void {
	// The API promises this of a 202.
	const { notification_id: id, deliveries } = answer as Accepted;
	journal.writeDurably({ kind: 'acknowledged', n, id, deliveries: deliveries.map((d) => d.id) });
	if (++accepted === ENOUGH) console.log('enough');
}

/** A send of its own. Only one with a key may be asked for again when the answer was lost. */
async function sendOne(send: PlannedSend): Promise<void> {
	const { n, body, idempotencyKey: key } = send;
	for (;;) {
		const answer = await post('/send', body, key === undefined ? {} : { 'idempotency-key': key });
		if (answer?.status === 202) return acknowledge(send, answer.body);
		journal.write(
			answer ? { kind: 'refused', n, status: answer.status } : { kind: 'unanswered', n },
		);
		await sleep(PAUSE_MS);
		if (key === undefined) return;
	}
}

/** Several sends in one request, each with a key, asked for again until each is accepted. */
async function sendBatch(sends: readonly PlannedSend[]): Promise<void> {
	let open = sends;
	while (open.length > 0) {
		const asked = open.map(({ n, body }) => ({ ...body, idempotency_key: `key-${n}` }));
		const answer = await post('/send/batch', { sends: asked });
		if (answer?.status === 200) {
			// As the runner's interface has it.
			const { results } = answer.body as { results: readonly { status: number }[] };
			open.forEach((send, i) => {
				if (results[i]?.status === 202) acknowledge(send, results[i]);
			});
			open = open.filter((_, i) => results[i]?.status !== 202);
		} else {
			for (const { n } of open) journal.write({ kind: 'unanswered', n });
			await sleep(PAUSE_MS);
		}
	}
}

async function work(): Promise<void> {
	while (!isOver) {
		const sends = nextSends();
		const wait = sleep((1000 * WORKERS * sends.length) / rate);
		const [first] = sends;
		if (sends.length > 1) await sendBatch(sends);
		else if (first) {
			await sendOne(first);
			if (first.isRepeated) await sendOne(first);
		}
		await wait;
	}
}

await Promise.all(Array.from({ length: WORKERS }, work));
journal.close();
