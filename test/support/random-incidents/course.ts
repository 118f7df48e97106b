import {
	type Contact,
	contactSchema,
	type OnCall,
	onCallSchema,
	type PolicyBody,
	policyBodySchema,
} from '@sureping/engine';
import fc from 'fast-check';

/** The fate of the n-th page: all its deliveries end so after a time, or stay under way. */
export interface Outcome {
	readonly kind: 'delivered' | 'failed' | 'pending' | 'opened';
	readonly afterMs: number;
}

export type ActKind = 'acknowledge' | 'resolve' | 'escalate' | 'cancel' | 'repeat';

/** Something that somebody does; milliseconds since the opening. */
export interface Act {
	readonly atMs: number;
	readonly kind: ActKind;
	readonly by?: string | undefined;
}

/** Everything that happens to one incident. */
export interface Course {
	readonly openedAt: number;
	readonly contacts: readonly Contact[];
	readonly onCalls: readonly OnCall[];
	readonly policy: PolicyBody;
	/** Channels of the send itself. */
	readonly channels: readonly string[];
	readonly startsAfterMs?: number | undefined;
	readonly expiresAfterMs?: number | undefined;
	readonly priority: 'critical' | 'normal';
	readonly outcomes: readonly Outcome[];
	readonly acts: readonly Act[];
	/** Times in which no host runs, since the opening: begin and length. */
	readonly downs: readonly { readonly fromMs: number; readonly forMs: number }[];
}

export const HOUR_MS = 3_600_000;

/** Evenings before both clock changes of Europe/Berlin, and one without. */
const OPENINGS = [
	Date.UTC(2026, 2, 28, 20),
	Date.UTC(2026, 9, 24, 20),
	Date.UTC(2026, 0, 1, 12, 30),
];

const seconds = fc.constantFrom(0, 0, 1, 0.25, 5, 60, 300, 3_600, 20_000);
const PEOPLE = ['anna', 'bob', 'carol'] as const;

const rules = fc.option(
	fc.array(fc.record({ channel: fc.constantFrom('webhook', 'console'), after_s: seconds }), {
		minLength: 1,
		maxLength: 3,
	}),
	{ nil: undefined },
);

const quietHours = fc.option(
	fc.array(
		fc.record({
			from: fc.constantFrom('22:00', '02:30', '12:00'),
			to: fc.constantFrom('07:00', '02:30', '03:00', '23:59'),
			do: fc.constantFrom('hold', 'skip'),
		}),
		{ minLength: 1, maxLength: 2 },
	),
	{ nil: undefined, freq: 2 },
);

const contact = (id: string): fc.Arbitrary<Contact> =>
	fc
		.record({
			// One of them cannot be reached by `console`.
			addresses: fc.constantFrom(['webhook'], ['webhook', 'console']),
			rules: fc.option(fc.record({ default: rules, important: rules }), { nil: undefined }),
			quiet_hours: quietHours,
		})
		.map(({ addresses, ...more }) =>
			contactSchema.parse({
				...{ id, name: id, time_zone: 'Europe/Berlin' },
				addresses: addresses.map((channel) => ({ channel, address: ADDRESSES[channel] })),
				...more,
			}),
		);

const ADDRESSES: Readonly<Record<string, string>> = { webhook: 'main', console: 'desk' };

const onCalls = fc
	.record({
		members: fc.subarray([...PEOPLE], { minLength: 1 }),
		handover: fc.constantFrom('02:30', '09:00'),
		// Outside of it nobody is on call.
		window: fc.option(
			fc.constantFrom({ from: '08:00', to: '20:00' }, { from: '02:15', to: '02:45' }),
			{
				nil: undefined,
			},
		),
	})
	.map((drawn) => [
		onCallSchema.parse({ name: 'primary', every: 'day', time_zone: 'Europe/Berlin', ...drawn }),
	]);

const party = fc.constantFrom(
	'contact:anna',
	'contact:bob',
	'contact:carol',
	'on_call:primary',
	'console:main',
	'webhook:second',
);
const notify = fc.array(party, { minLength: 1, maxLength: 3 });

const step = fc.record({
	after_s: seconds,
	when: fc.constantFrom(
		'not_acknowledged',
		'not_acknowledged',
		'failed',
		'not_delivered',
		'not_opened',
	),
	notify,
	ack: fc.constantFrom('first', 'all'),
	urgency: fc.constantFrom('default', 'important'),
});

const timeout = fc.option(fc.constantFrom(1, 60, 5_000), { nil: undefined, freq: 2 });

export const policies: fc.Arbitrary<PolicyBody> = fc
	.record({
		steps: fc.array(step, { minLength: 1, maxLength: 4 }),
		repeat: fc.constantFrom(0, 0, 1, 3),
		repeat_after_s: fc.constantFrom(1, 60, 300),
		ack_timeout_s: timeout,
		resolve_after_s: fc.option(fc.constantFrom(1, 3_600, 100_000), { nil: undefined, freq: 1 }),
		on_exhausted: fc.option(fc.record({ notify }), { nil: undefined }),
	})
	.map(({ steps: [first, ...others], ...drawn }) => {
		// Before the first step nothing could be opened: it would be refused.
		const when = first?.when === 'not_opened' ? 'not_delivered' : first?.when;
		return policyBodySchema.parse({ ...drawn, steps: [{ ...first, when }, ...others] });
	});

const momentMs = fc.oneof(
	fc.constantFrom(0, 1_000, 60_000, 300_000, HOUR_MS, 20 * HOUR_MS),
	fc.integer({ min: 0, max: 30 * HOUR_MS }),
);

export const courses: fc.Arbitrary<Course> = fc.record({
	openedAt: fc.constantFrom(...OPENINGS),
	contacts: fc.tuple(...PEOPLE.map(contact)),
	onCalls,
	policy: policies,
	channels: fc.constantFrom([], [], ['console:second'], ['webhook:main', 'console:main']),
	startsAfterMs: fc.option(fc.constantFrom(1, 60_000, HOUR_MS), { nil: undefined, freq: 1 }),
	expiresAfterMs: fc.option(fc.constantFrom(2 * HOUR_MS, 10 * HOUR_MS), {
		nil: undefined,
		freq: 1,
	}),
	priority: fc.constantFrom('critical', 'normal', 'normal'),
	outcomes: fc.array(
		fc.record({
			kind: fc.constantFrom('delivered', 'failed', 'pending', 'opened'),
			afterMs: fc.constantFrom(1, 1_500, 100_000),
		}),
		{ minLength: 1, maxLength: 6 },
	),
	acts: fc
		.array(
			fc.record({
				atMs: momentMs,
				kind: fc.constantFrom<ActKind[]>(
					...([
						'acknowledge',
						'acknowledge',
						'acknowledge',
						'resolve',
						'escalate',
						'cancel',
						'repeat',
					] as const),
				),
				by: fc.constantFrom(...PEOPLE, 'a stranger', undefined),
			}),
			{ maxLength: 6 },
		)
		.map((acts) => acts.toSorted((a, b) => a.atMs - b.atMs)),
	downs: fc.array(
		fc.record({ fromMs: momentMs, forMs: fc.constantFrom(1_000, HOUR_MS, 26 * HOUR_MS) }),
		{ maxLength: 2 },
	),
});

/** The first moment from `at` on at which a host runs. Both are milliseconds since 1970. */
export function nextUp({ openedAt, downs }: Course, at: number): number {
	let up = at;
	for (;;) {
		const down = downs.find(
			({ fromMs, forMs }) =>
				up > openedAt && openedAt + fromMs <= up && up < openedAt + fromMs + forMs,
		);
		if (!down) return up;
		up = openedAt + down.fromMs + down.forMs;
	}
}
