import type { Noted } from '../journal.ts';
import type { Death } from '../lives.ts';
import type { KillerLine } from '../records.ts';
import type { SinkRequest } from './facts.ts';

/** Times in milliseconds since 1970 by the machine's clock. */
export interface PastLife {
	readonly name: string;
	readonly spawnedAt: number;
	readonly readyAt: number | undefined;
	readonly diedAt: number;
	readonly how: Death | 'stopped' | 'itself' | undefined;
	readonly wasKilled: boolean;
	/** What the clock was ahead, from then on. */
	readonly shifts: readonly { readonly at: number; readonly shiftMs: number }[];
	readonly diskFull: readonly { readonly from: number; readonly to: number }[];
}

/** How far the killer's, the sinks' and the runner's view of one moment may lie apart on a busy machine. */
const BLUR_MS = 300;
/** An outcome that was refused is offered again after this at most: see `untilStored`. */
const AFTER_FULL_MS = 6_000;

export class Lives {
	readonly all: readonly PastLife[];
	private readonly byName: ReadonlyMap<string, PastLife>;

	constructor(lines: readonly Noted<KillerLine>[]) {
		this.all = [...Map.groupBy(lines, ({ life }) => life)].map(([name, own]) => toLife(name, own));
		this.byName = new Map(this.all.map((life) => [life.name, life]));
	}

	get killed(): readonly PastLife[] {
		return this.all.filter(({ wasKilled }) => wasKilled);
	}

	/** Who can have sent it: whom it names, or else everybody who lived then. */
	sendersOf({ at, life }: SinkRequest): readonly PastLife[] {
		const named = life === undefined ? undefined : this.byName.get(life);
		if (named) return [named];
		return this.all.filter(({ spawnedAt, diedAt }) => spawnedAt <= at && at <= diedAt + BLUR_MS);
	}

	/** Whether the clock of who sent it moved about then, or within that many milliseconds after it. */
	clockMovedDuring(request: SinkRequest, ms: number): boolean {
		return this.sendersOf(request).some(({ shifts }) =>
			shifts
				.slice(1)
				.some(({ at }) => request.at - BLUR_MS <= at && at <= request.at + ms + BLUR_MS),
		);
	}

	/** What its sender's clock may have shown when it came; milliseconds since 1970. */
	runnerTimesOf(request: SinkRequest): readonly number[] {
		return this.sendersOf(request).flatMap(({ shifts }) =>
			shifts
				.filter(({ at }, i) => {
					const until = shifts[i + 1]?.at ?? Infinity;
					return at <= request.at + BLUR_MS && request.at - BLUR_MS <= until;
				})
				.map(({ shiftMs }) => request.at + shiftMs),
		);
	}
}

/** Whether a life had, from then to its end, a full disk to blame for what it did not store. */
export function couldNotStore({ diskFull, diedAt }: PastLife, from: number): boolean {
	return diskFull.some((full) => full.from <= diedAt && from <= full.to + AFTER_FULL_MS);
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
				? [{ at: line.at, shiftMs: line.shiftMs }]
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
