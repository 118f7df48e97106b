import type { Incident } from '@sureping/engine';
import { INCIDENT_CHECKS, type IncidentEvidence, judgeIncidents } from './incidents.ts';

const T = Date.parse('2026-01-01T00:00:00Z');

/** A run that is in order: one incident of two steps that was acknowledged, and one that nobody answered. */
function soundRun(): IncidentEvidence {
	const policy = {
		steps: [0, 1].map((after) => ({
			...{ after_s: after, notify: ['webhook:main'], when: 'not_acknowledged' as const },
			...{ ack: 'first' as const, urgency: 'default' as const },
		})),
		...{ repeat: 0, repeat_after_s: 1 },
	};
	const incident = (n: number, status: Incident['status'], steps: number): Incident => ({
		...{
			id: `inc_${n}`,
			notificationId: `msg_${n}`,
			owner: 'key:load',
			status,
			openedAt: T,
			policy,
		},
		content: { message: `number ${n};`, metadata: { n }, priority: 'normal' },
		...{ round: 0, step: steps, pending: [], answers: [], triggers: 0, sequence: 2 },
		pages: Array.from({ length: steps }, (_, i) => ({
			...{ notificationId: `msg_${n}_${i}`, at: T + 1000 * i, round: 0, step: i + 1 },
			channels: ['webhook:main'],
		})),
		trail: [
			{ at: T, action: 'opened' },
			...Array.from({ length: steps }, (_, i) => ({
				...{ at: T + 1000 * i, action: 'step_started' as const, round: 0, step: i + 1 },
			})),
			...(status === 'acknowledged' ? [{ at: T + 500, action: status }] : []),
		],
	});
	const came = (request: number, n: number, at: number) => ({
		...{ at: T + at, kind: 'came' as const, request, path: '/webhook/main', n },
		behaviour: 'ok' as const,
	});
	const events = ['inc_1', 'inc_2'].flatMap((incidentId) =>
		[1, 2].map((sequence) => ({ id: `${incidentId} ${sequence}`, incidentId, sequence })),
	);
	return {
		plan: {
			...{ seed: 's', kills: 1, stops: 0, rate: 1, store: 'sqlite:a.db', runners: [] },
			...{ bundle: '', config: '', apiKey: '', callbackUrl: '' },
		},
		load: [
			{ at: T + 10, kind: 'opened', n: 1, id: 'inc_1', policy: 1, isJoined: false },
			{ at: T + 20, kind: 'opened', n: 2, id: 'inc_2', policy: 1, isJoined: false },
			{ at: T + 500, kind: 'answered', id: 'inc_1', answer: 'acknowledge' },
		],
		killer: [{ at: T, kind: 'died', life: '0.1', how: 'change:committed', code: null }],
		channel: [came(1, 1, 20), came(2, 2, 30), came(3, 2, 1_030)],
		feed: [{ events: events.map(({ id }) => id) }],
		stored: {
			incidents: [incident(1, 'acknowledged', 1), incident(2, 'exhausted', 2)],
			...{ events, damage: [] },
		},
	};
}

type Damage = (run: IncidentEvidence) => Partial<IncidentEvidence>;

const stored =
	(change: (stored: IncidentEvidence['stored']) => Partial<IncidentEvidence['stored']>): Damage =>
	(run) => ({ stored: { ...run.stored, ...change(run.stored) } });
const incident = (id: string, change: (incident: Incident) => Partial<Incident>): Damage =>
	stored(({ incidents }) => ({
		incidents: incidents.map((one) => (one.id === id ? { ...one, ...change(one) } : one)),
	}));

/** Faults, each with the check that must report it. */
const DAMAGES: readonly (readonly [string, Damage])[] = [
	['every incident that was told to its caller is in the store', stored(() => ({ incidents: [] }))],
	['every answer that was told is in the store', incident('inc_1', () => ({ trail: [] }))],
	['every incident ends', incident('inc_2', () => ({ status: 'open' }))],
	[
		'every incident ends',
		incident('inc_2', () => ({ next: { kind: 'step', at: T, round: 1, step: 1 } })),
	],
	[
		'every step paged its parties once',
		incident('inc_2', ({ pages }) => ({ pages: [...pages, ...pages] })),
	],
	[
		'every step paged its parties once',
		incident('inc_2', ({ pages }) => ({ pages: pages.slice(1) })),
	],
	[
		'every step paged its parties once',
		incident('inc_2', ({ trail }) => ({ trail: trail.map((entry) => ({ ...entry, at: T })) })),
	],
	['every page reached its channel', ({ channel }) => ({ channel: channel.slice(0, 1) })],
	[
		'no page follows an acknowledgement',
		({ channel }) => ({
			channel: channel.map((line) => (line.request === 1 ? { ...line, at: T + 2_500 } : line)),
		}),
	],
	['events of an incident have no gaps', stored(({ events }) => ({ events: events.slice(1) }))],
	[
		'the feed gave every event of an incident once, in order',
		({ feed }) => ({ feed: [...feed, ...feed] }),
	],
	[
		'the feed gave every event of an incident once, in order',
		({ feed }) => ({ feed: feed.map(({ events }) => ({ events: events.toReversed() })) }),
	],
	['the runners were killed as often as was asked for', () => ({ killer: [] })],
	['the database is whole', stored(() => ({ damage: ['row 1 missing from index'] }))],
];

const broken = (run: IncidentEvidence): readonly string[] =>
	judgeIncidents(run)
		.filter(({ violations }) => violations.length > 0)
		.map(({ name }) => name);

describe('the checks of a chaos run with incidents', () => {
	it('find nothing wrong with a run that is in order', () => {
		expect(broken(soundRun())).toEqual([]);
	});

	it.each(DAMAGES)('%s, or it is said', (name, damage) => {
		const run = soundRun();
		expect(broken({ ...run, ...damage(run) })).toContain(name);
	});

	it('have each been seen to fail', () => {
		const seen = new Set(DAMAGES.map(([name]) => name));
		expect(INCIDENT_CHECKS.map(({ name }) => name).filter((name) => !seen.has(name))).toEqual([]);
	});
});
