// Opens incidents at a bounded rate and answers some of them, and notes what it was told, on disk before it goes on.
// Argument: the run's directory. Prints `enough` as the other load does. It starts nothing new once its standard input ends.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { planIncident } from '../incident-plan.ts';
import { Journal } from '../journal.ts';
import { readPlan } from '../plan.ts';
import { type IncidentLine, JOURNALS } from '../records.ts';

const [directory = '.'] = process.argv.slice(2);
const { seed, rate, runners, apiKey } = readPlan(directory);
const journal = new Journal<IncidentLine>(join(directory, JOURNALS.incidents));

const WORKERS = 6;
const PATIENCE_MS = 3_000;
const PAUSE_MS = 100;
const ENOUGH = 60;

let isOver = false;
process.stdin.resume().once('end', () => (isOver = true));

let requests = 0;
/** Asks until it is told something that is no fault of the moment. */
async function post(path: string, body: unknown, key?: string): Promise<Response | undefined> {
	for (;;) {
		const runner = runners[requests++ % runners.length] ?? '';
		try {
			const answer = await fetch(runner + path, {
				method: 'POST',
				headers: {
					authorization: `Bearer ${apiKey}`,
					'content-type': 'application/json',
					...(key === undefined ? {} : { 'idempotency-key': key }),
				},
				body: JSON.stringify(body),
				signal: AbortSignal.timeout(PATIENCE_MS),
			});
			if (answer.status < 500 && answer.status !== 429) return answer;
		} catch {
			if (isOver) return undefined;
		}
		await sleep(PAUSE_MS);
	}
}

let accepted = 0;
let next = 1;
const answers = new Set<Promise<void>>();

async function open(n: number): Promise<void> {
	const { policy, body, answer } = planIncident(seed, n);
	const told = await post('/send', body, `key-${n}`);
	if (!told) return;
	if (!told.ok) throw new Error(`send ${n}: ${told.status} ${await told.text()}`);
	// The API promises this of a 2xx.
	const { incident } = (await told.json()) as { incident: { id: string; opened: boolean } };
	const { id, opened } = incident;
	journal.writeDurably({ kind: 'opened', n, id, policy, isJoined: !opened });
	if (++accepted === ENOUGH) console.log('enough');
	if (!answer) return;
	const replying = (async () => {
		await sleep(answer.afterMs);
		const reply = await post(`/incidents/${id}/${answer.kind}`, { by: 'load' });
		// 409: it is over.
		if (reply?.status === 200) journal.writeDurably({ kind: 'answered', id, answer: answer.kind });
	})();
	answers.add(replying);
	void replying.finally(() => answers.delete(replying));
}

async function work(): Promise<void> {
	while (!isOver) {
		const wait = sleep((1000 * WORKERS) / rate);
		await open(next++);
		await wait;
	}
}

await Promise.all(Array.from({ length: WORKERS }, work));
await Promise.all(answers);
journal.close();
