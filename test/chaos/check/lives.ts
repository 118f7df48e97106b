import type { Noted } from '../journal.ts';
import type { Death } from '../lives.ts';
import type { DatabaseLine, KillerLine } from '../records.ts';
import type { Stop } from '../stops.ts';
import type { SinkRequest } from './facts.ts';

/** Times in milliseconds since 1970 by the machine's clock. */
export interface PastLife {
	readonly name: string;
	readonly spawnedAt: number;
	readonly readyAt: number | undefined;
	readonly diedAt: number;
	readonly how: Death | 'stopped' | 'itself' | undefined;
	readonly wasKilled: boolean;
	/** How far the clock was ahead from then on. */
	readonly shifts: readonly {
		readonly at: number;
		readonly shiftMs: number;
		readonly move?: number;
	}[];
	readonly diskFull: readonly Span[];
}

/** Milliseconds since 1970 by the machine's clock. */
export interface Span {
	readonly from: number;
	readonly to: number;
}

/** The database server was away; it may have ended at any time after `from`. */
export interface Outage extends Span {
	readonly how: Stop['how'];
}

/** How far the killer's, the sinks' and the runner's view of one moment may lie apart on a busy machine. */
const BLUR_MS = 300;
/** Time within which due work leaves, whatever the clock shows then, on a machine that is as busy. */
const CLAIMED_MS = 1_000;
/** An outcome is stored within this time of the answer, whatever else a busy machine does. */
const WINDOW_MS = 2_000;
/** Several processes write to the feed in turn: one waits for another that has as little of the machine. */
const TURN_MS = 2_000;
/** When an outcome that is refused each time is offered, after it was known: see `untilStored`. */
const OFFERED_AFTER_MS = [0, 100, 600, 2_600, 7_600, 17_600, 27_600] as const;

export class Lives {
	readonly all: readonly PastLife[];
	readonly outages: readonly Outage[];
	private readonly byName: ReadonlyMap<string, PastLife>;
	private readonly windowMs: number;

	constructor(killer: readonly Noted<KillerLine>[], database: readonly Noted<DatabaseLine>[]) {
		this.all = [...Map.groupBy(killer, ({ life }) => life)].map(([name, own]) => toLife(name, own));
		this.byName = new Map(this.all.map((life) => [life.name, life]));
		const slots = new Set(this.all.map(({ name }) => name.split('.', 1)[0]));
		this.windowMs = WINDOW_MS + (slots.size > 1 ? TURN_MS : 0);
		this.outages = database.flatMap((line, i) => {
			if (line.kind !== 'stopping') return [];
			const start = database.slice(i).find(({ kind }) => kind === 'started');
			return [{ how: line.how, from: line.at, to: start?.at ?? Infinity }];
		});
	}

	get killed(): readonly PastLife[] {
		return this.all.filter(({ wasKilled }) => wasKilled);
	}

	/** The lives that can have sent it: the one that it names, or else all that lived then. */
	sendersOf({ at, life }: SinkRequest): readonly PastLife[] {
		const named = life === undefined ? undefined : this.byName.get(life);
		if (named) return [named];
		return this.all.filter(({ spawnedAt, diedAt }) => spawnedAt <= at && at <= diedAt + BLUR_MS);
	}

	/** A request in words, for a violation. */
	describe({ request, behaviour, life, endedAt }: SinkRequest): string {
		const { diedAt } = this.byName.get(life ?? '') ?? { diedAt: Infinity };
		return `request ${request} (${behaviour}) of ${life ?? 'nobody'}, over ${diedAt - endedAt} ms before its end`;
	}

	/** True if the sender's clock moved about then, or within that many milliseconds after it. */
	clockMovedDuring(request: SinkRequest, ms: number): boolean {
		return this.sendersOf(request).some(({ shifts }) =>
			shifts
				.slice(1)
				.some(({ at }) => request.at - BLUR_MS <= at && at <= request.at + ms + BLUR_MS),
		);
	}

	/** Times that its sender's clock may have shown when it came; milliseconds since 1970. */
	runnerTimesOf(request: SinkRequest): readonly number[] {
		return this.sendersOf(request).flatMap(({ shifts }) =>
			shifts
				.filter(({ at }, i) => {
					const until = shifts[i + 1]?.at ?? Infinity;
					return at <= request.at + BLUR_MS && request.at - CLAIMED_MS <= until;
				})
				.map(({ shiftMs }) => request.at + shiftMs),
		);
	}

	/**
	 * True if a life ended before it stored what it knew from a moment on: within the time that it takes, or, where the
	 * store was away then, before it could offer it again. With what kept it from doing so, if anything did.
	 */
	unstoredAtDeath(
		{ diskFull, diedAt }: PastLife,
		knownAt: number,
	): { readonly hindrance: 'disk' | 'database' | undefined } | undefined {
		let until = knownAt + this.windowMs;
		let hindrance: 'disk' | 'database' | undefined;
		const spans = [
			...diskFull.map((span) => ({ ...span, what: 'disk' as const })),
			...this.outages.map((span) => ({ ...span, what: 'database' as const })),
		];
		for (const { from, to, what } of spans.sort((a, b) => a.from - b.from)) {
			if (to < knownAt || from > Math.min(until, diedAt)) continue;
			hindrance ??= what;
			const next = OFFERED_AFTER_MS.find((after) => knownAt + after >= to) ?? Infinity;
			until = Math.max(until, knownAt + next + this.windowMs);
		}
		return diedAt <= until ? { hindrance } : undefined;
	}

	/** Of the time between these moments, how long a worker was there and the database, too; milliseconds. */
	workableMs(from: number, to: number): number {
		const within = ({ from: a, to: b }: Span): Span => ({
			from: Math.max(a, from),
			to: Math.min(b, to),
		});
		const workers = this.all.flatMap(({ readyAt, diedAt }) =>
			readyAt === undefined ? [] : [within({ from: readyAt, to: diedAt })],
		);
		const edges = [...workers, ...this.outages.map(within)].flatMap((span) => [span.from, span.to]);
		const times = [...new Set(edges)].sort((a, b) => a - b);
		const covers =
			(time: number) =>
			(span: Span): boolean =>
				span.from <= time && time < span.to;
		return times.reduce((sum, time, i) => {
			const isWorkable = workers.some(covers(time)) && !this.outages.some(covers(time));
			return isWorkable ? sum + (times[i + 1] ?? time) - time : sum;
		}, 0);
	}

	/** Number of times that the database went away, or was away, between these moments. */
	outagesBetween(from: number, to: number): number {
		return this.outages.filter((outage) => outage.from < to && outage.to > from).length;
	}

	/** By how much the clock was put back between these moments, all together; milliseconds. */
	putBackMs(from: number, to: number): number {
		const steps = this.all.flatMap(({ shifts }) =>
			shifts.slice(1).flatMap(({ at, shiftMs, move = 0 }, i) => {
				const step = shiftMs - (shifts[i]?.shiftMs ?? 0);
				return from <= at && at <= to && step < 0 ? [[move, -step] as const] : [];
			}),
		);
		return [...new Map(steps).values()].reduce((sum, step) => sum + step, 0);
	}
}

function toLife(name: string, lines: readonly Noted<KillerLine>[]): PastLife {
	const spawned = lines.find(({ kind }) => kind === 'spawned');
	const died = lines.find((line) => line.kind === 'died');
	const diedAt = died?.at ?? Infinity;
	const disk = lines.filter((line) => line.kind === 'disk');
	return {
		name,
		spawnedAt: spawned?.at ?? 0,
		readyAt: lines.find(({ kind }) => kind === 'ready')?.at,
		diedAt,
		how: died?.how,
		wasKilled: died !== undefined && died.how !== 'stopped' && died.how !== 'itself',
		shifts: lines.flatMap((line) =>
			line.kind === 'spawned' || line.kind === 'shifted'
				? [
						{
							at: line.at,
							shiftMs: line.shiftMs,
							...(line.kind === 'shifted' ? { move: line.move } : {}),
						},
					]
				: [],
		),
		diskFull: disk
			.filter(({ state }) => state === 'full')
			.map(({ at }) => ({
				from: at,
				to: disk.find((line) => line.state === 'free' && line.at > at)?.at ?? diedAt,
			})),
	};
}
