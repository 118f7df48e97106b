import { bearer, json, type RecordingServer, startRecordingServer } from './recording-server.ts';

type Event = Readonly<Record<string, unknown>>;

export interface FakeEventFeed extends RecordingServer {
	readonly apiKey: string;
	/** Records events, oldest first. */
	add(...events: Event[]): void;
	/** Removes the oldest ones, whose cursors are gone then. */
	prune(count: number): void;
	/** A runner with another database at the same address. */
	startOver(): void;
}

/** A runner's `GET /events` as its OpenAPI document describes it, with pages of at most `size`. */
export async function startEventFeed(size = 1_000): Promise<FakeEventFeed> {
	const apiKey = 'sp_feed_0123456789';
	let events: Event[] = [];
	let pruned = 0;
	const server = await startRecordingServer((request) => {
		if (bearer(request) !== apiKey) return json(401, { title: 'Unauthorized', detail: '' });
		const { pathname, searchParams } = new URL(request.path, 'http://runner.test');
		if (pathname !== '/events') return json(404, { title: 'Not found' });
		const cursor = searchParams.get('after');
		const after = cursor === null ? pruned : Number(cursor);
		if (after > pruned + events.length) {
			const errors = [{ path: 'after', message: 'must be a next_cursor that this feed gave' }];
			return json(422, { title: 'Invalid', errors });
		}
		if (after < pruned) return json(410, { title: 'Gone', detail: 'The cursor was pruned' });
		const types = searchParams.get('types')?.split(',');
		const limit = Math.min(size, Number(searchParams.get('limit') ?? 100));
		const page: Event[] = [];
		let position = after;
		while (position < pruned + events.length && page.length < limit) {
			const event = events[position++ - pruned]!;
			const isChosen = event.unreadable === true || types === undefined;
			if (isChosen || types.includes(String(event.event))) page.push(event);
		}
		return json(200, { events: page, next_cursor: String(position) });
	});
	return {
		...server,
		apiKey,
		add: (...more) => void events.push(...more),
		prune(count) {
			events = events.slice(count);
			pruned += count;
		},
		startOver() {
			events = [];
			pruned = 0;
		},
	};
}
