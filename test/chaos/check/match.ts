import type { Behaviour } from '../misbehaviour.ts';
import type { StoredAttempt } from '../store/stored.ts';
import type { SinkRequest } from './facts.ts';
import type { Lives } from './lives.ts';

/** The cost of explaining a history. One that needs a `breach` breaks a guarantee. */
const COST = {
	/** A request that was under way when the runner was killed. */
	killed: 1,
	/** A machine that is busy can make a timeout of each answer, and of a request that never left. */
	busy: 2,
	breach: 1_000,
} as const;

/** A request comes while its attempt lasts, as far as two processes see that alike. */
const BLUR_MS = 50;
/** A busy sink reads a request this much later than it was sent: the runner may have given it up meanwhile. */
const READ_LATE_MS = 5_000;
/** No attempt lasts longer. */
const LONGEST_MS = 1_000;

/** The stored result of an attempt that met this behaviour. */
const OUTCOMES: Readonly<Record<Behaviour, readonly (string | undefined)[]>> = {
	ok: [undefined],
	slow: [undefined],
	wrong: [undefined],
	error: ['SERVICE_UNAVAILABLE'],
	busy: ['RATE_LIMITED'],
	refuse: ['MESSAGE_REJECTED'],
	hang: ['TIMEOUT'],
	drip: [undefined],
	reset: ['CONNECTION_FAILED'],
	cut: [undefined],
};

/** The best match from some attempt and some request on: for each request its attempt, and the cost. */
interface Match {
	readonly cost: number;
	readonly attemptOf: readonly (number | undefined)[];
}

/**
 * Finds for each request the number of the stored attempt that it was, by its time and what came of it; undefined for
 * one whose outcome was not stored. Where the clock went back, several can fit: of all ways to match them in order, this
 * is the one that leaves the least to explain.
 */
export function matchAttempts(
	attempts: readonly StoredAttempt[],
	requests: readonly SinkRequest[],
	lives: Lives,
	isExcused: (request: SinkRequest) => boolean,
): readonly (number | undefined)[] {
	const nothing: Match = { cost: 0, attemptOf: [] };
	/** Of the attempts from one on, with the requests from the one behind that is looked at. */
	let behind: Match[] = [];
	behind[attempts.length] = nothing;
	for (let a = attempts.length - 1; a >= 0; a--) {
		const cost = costOfMissing(attempts[a]);
		behind[a] = plus(cost, behind[a + 1] ?? nothing);
	}
	for (let r = requests.length - 1; r >= 0; r--) {
		const request = requests[r];
		if (!request) continue;
		const unmatched = isExcused(request) ? COST.killed : COST.breach;
		const here: Match[] = [];
		for (let a = attempts.length; a >= 0; a--) {
			const attempt = attempts[a];
			const ways = [withRequest(undefined, unmatched, behind[a])];
			if (attempt) {
				ways.push(plus(costOfMissing(attempt), here[a + 1] ?? nothing));
				ways.push(withRequest(a, costOfMatch(attempt, request, lives), behind[a + 1]));
			}
			here[a] = ways.reduce((best, way) => (way.cost < best.cost ? way : best));
		}
		behind = here;
	}
	return behind[0]?.attemptOf ?? [];
}

const plus = (cost: number, { cost: rest, attemptOf }: Match): Match => ({
	cost: cost + rest,
	attemptOf,
});

const withRequest = (
	attempt: number | undefined,
	cost: number,
	rest: Match = { cost: Infinity, attemptOf: [] },
): Match => ({ cost: cost + rest.cost, attemptOf: [attempt, ...rest.attemptOf] });

/** Of an attempt that no sink saw. */
const costOfMissing = (attempt: StoredAttempt | undefined): number =>
	attempt?.error?.code === 'TIMEOUT' ? COST.busy : COST.breach;

function costOfMatch(
	{ at, latencyMs, error }: StoredAttempt,
	request: SinkRequest,
	lives: Lives,
): number {
	// Measured by a clock that moved meanwhile, it says nothing.
	const isMeasured = !lives.clockMovedDuring(request, LONGEST_MS);
	const lasted = isMeasured ? Math.min(latencyMs, LONGEST_MS) : LONGEST_MS;
	const late = error?.code === 'TIMEOUT' ? READ_LATE_MS : BLUR_MS;
	const came = lives
		.runnerTimesOf(request)
		.some((time) => at - BLUR_MS <= time && time <= at + lasted + late);
	if (!came) return Infinity;
	if (OUTCOMES[request.behaviour].includes(error?.code)) return 0;
	return error?.code === 'TIMEOUT' ? COST.busy : Infinity;
}
