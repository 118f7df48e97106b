import { between, draw } from './draw.ts';

const POLICIES = 24;
const PARTIES = ['webhook:main', 'webhook:doomed', 'webhook:doomed-too', 'slack:ops'] as const;

/** A policy as a send carries it. Times are short, so that its whole life fits between kills. */
export interface DrawnPolicy {
	readonly steps: readonly {
		readonly after_s: number;
		readonly notify: readonly string[];
		readonly when: string;
	}[];
	readonly repeat: number;
	readonly repeat_after_s: number;
	readonly ack_timeout_s?: number;
	readonly resolve_after_s?: number;
	readonly on_exhausted?: { readonly notify: readonly string[] };
}

/** One of the policies of a run, from 0. */
export function drawPolicy(seed: string, number: number): DrawnPolicy {
	const chance = (...purpose: (string | number)[]): number =>
		draw(seed, 'policy', number, purpose.join(' '));
	const party = (...purpose: (string | number)[]): string =>
		PARTIES[between(0, PARTIES.length - 1, chance(...purpose))] ?? PARTIES[0];
	return {
		steps: Array.from({ length: between(1, 3, chance('steps')) }, (_, i) => ({
			after_s: between(0, 15, chance('after', i)) / 10,
			notify: [party('party', i)],
			when: i > 0 && chance('when', i) < 0.3 ? 'not_delivered' : 'not_acknowledged',
		})),
		repeat: between(0, 1, chance('repeat')),
		repeat_after_s: between(1, 2, chance('repeat after')),
		...(chance('timeout') < 0.2 ? { ack_timeout_s: 1 } : {}),
		...(chance('resolve') < 0.2 ? { resolve_after_s: 3 } : {}),
		...(chance('exhausted') < 0.5 ? { on_exhausted: { notify: ['slack:ops'] } } : {}),
	};
}

/** A send that opens an incident, or joins one, and the answer to it. */
export interface PlannedIncident {
	readonly n: number;
	/** The number of its policy. */
	readonly policy: number;
	readonly body: Readonly<Record<string, unknown>>;
	readonly answer?:
		{ readonly kind: 'acknowledge' | 'resolve'; readonly afterMs: number } | undefined;
}

export function planIncident(seed: string, n: number): PlannedIncident {
	const chance = (purpose: string): number => draw(seed, 'incident', n, purpose);
	const policy = between(0, POLICIES - 1, chance('policy'));
	const kind = chance('kind') < 0.75 ? 'acknowledge' : 'resolve';
	return {
		n,
		policy,
		body: {
			message: `number ${n};`,
			metadata: { n },
			escalation: drawPolicy(seed, policy),
			// Of the sends with a key, some come while the incident is open and some when it is over.
			...(chance('key') < 0.2 ? { dedup_key: `key-${Math.floor(n / 20)}` } : {}),
		},
		...(chance('answer') < 0.6
			? { answer: { kind, afterMs: between(0, 3_000, chance('after')) } }
			: {}),
	};
}
