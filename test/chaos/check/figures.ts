import type { Facts } from './facts.ts';
import type { PastLife } from './lives.ts';
import { histories, repeatsIn } from './history.ts';
import { waitsOf } from './waits.ts';

/** A run in numbers, as they are printed. */
export function figuresOf(facts: Facts): readonly (readonly [string, string | number])[] {
	const { lives, load, stored, plan } = facts;
	const killedAt = Map.groupBy(lives.killed, ({ how }) =>
		how === 'at a moment' || how === 'while starting' ? how : 'at a commit point',
	);
	const acknowledged = new Set(
		load.flatMap((line) => (line.kind === 'acknowledged' ? [line.id] : [])),
	);
	const unanswered = load.filter(({ kind }) => kind !== 'acknowledged').length;
	const restarts = lives.all.flatMap(({ spawnedAt, readyAt }) =>
		readyAt === undefined ? [] : [readyAt - spawnedAt],
	);
	const lost = [...acknowledged].filter((id) => !facts.notifications.has(id)).length;
	const deliveries = Map.groupBy(stored.deliveries, ({ state }) => state);
	const skipped = stored.events.length - new Set(facts.feed).size;
	return [
		['processes', plan.runners.length],
		['kills', lives.killed.length],
		...[...killedAt].map(([how, all]) => [`  ${how}`, all.length] as const),
		['restarts', lives.all.length - plan.runners.length],
		['restart, median ms', median(restarts)],
		['clock moved', new Set(lives.all.flatMap(movesOf)).size],
		['disk filled', lives.all.reduce((sum, { diskFull }) => sum + diskFull.length, 0)],
		['database stopped', lives.outages.length],
		['  without a word', lives.outages.filter(({ how }) => how === 'crash').length],
		['sends accepted', acknowledged.size],
		['  requests refused, or without an answer', unanswered],
		['sends stored', stored.notifications.length],
		['sends lost', lost],
		['deliveries', stored.deliveries.length],
		...[...deliveries].map(([state, all]) => [`  ${state}`, all.length] as const),
		['requests at the channel', facts.channel.length],
		...repeatFigures(facts, 'channel'),
		['events', stored.events.length],
		['  skipped by the feed', skipped],
		['webhooks owed', stored.webhooks.length],
		['requests at the endpoints', facts.endpoint.length],
		...repeatFigures(facts, 'endpoint'),
		...waitFigures(facts),
	];
}

const movesOf = ({ shifts }: PastLife): readonly number[] =>
	shifts.flatMap(({ move }) => (move === undefined ? [] : [move]));

/** While a worker and the database were there. */
function waitFigures(facts: Facts): readonly (readonly [string, number])[] {
	const waits = [...waitsOf(facts, 'channel'), ...waitsOf(facts, 'endpoint')];
	const longest = (some: typeof waits): number =>
		Math.round(some.reduce((most, { ms }) => Math.max(most, ms), 0));
	return [
		['longest wait after a kill, ms', longest(waits.filter(({ isOrphaned }) => isOrphaned))],
		['longest wait of what was due, ms', longest(waits.filter(({ isOrphaned }) => !isOrphaned))],
	];
}

function repeatFigures(
	facts: Facts,
	which: 'channel' | 'endpoint',
): readonly (readonly [string, number])[] {
	const repeats = [...histories(facts, which)].flatMap(({ exchanges }) => [
		...repeatsIn(exchanges, facts.lives),
	]);
	const byReason = Map.groupBy(repeats, ({ reason }) => reason ?? 'WITHOUT REASON');
	return [
		[which === 'channel' ? '  repeats' : '  repeats, in events', repeats.length],
		...[...byReason].map(([reason, all]) => [`    ${reason}`, all.length] as const),
	];
}

function median(values: readonly number[]): number {
	return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
