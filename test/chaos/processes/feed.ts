// Reads the event feed for as long as the run lasts and notes what came, page by page. Argument: the run's directory.
// Once its standard input ends it reads to the end of the feed.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Journal } from '../journal.ts';
import { readPlan } from '../plan.ts';
import { type FeedLine, JOURNALS } from '../records.ts';

const [directory = '.'] = process.argv.slice(2);
const { runners, apiKey } = readPlan(directory);
const journal = new Journal<FeedLine>(join(directory, JOURNALS.feed));

const EVERY_MS = 50;
const PATIENCE_MS = 3_000;

let isOver = false;
process.stdin.resume().once('end', () => (isOver = true));

interface Page {
	readonly events: readonly { readonly event_id: string }[];
	readonly next_cursor: string;
}

async function read(runner: string, cursor: string | undefined): Promise<Page | undefined> {
	const after = cursor === undefined ? '' : `&after=${encodeURIComponent(cursor)}`;
	try {
		const answer = await fetch(`${runner}/events?limit=100${after}`, {
			headers: { authorization: `Bearer ${apiKey}` },
			signal: AbortSignal.timeout(PATIENCE_MS),
		});
		// The API promises this of a page.
		return answer.ok ? ((await answer.json()) as Page) : undefined;
	} catch {
		return undefined;
	}
}

let cursor: string | undefined;
for (let reads = 0; ; reads++) {
	const isLast = isOver;
	const page = await read(runners[reads % runners.length] ?? '', cursor);
	if (page) {
		cursor = page.next_cursor;
		if (page.events.length > 0) journal.write({ events: page.events.map((e) => e.event_id) });
		else if (isLast) break;
	}
	if (!page || page.events.length === 0) await sleep(EVERY_MS);
}
journal.close();
