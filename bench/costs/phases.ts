// The part of a notification's way that a function of the runner belongs to.
import type { Frame, Sample } from '../cpu-profile.ts';

export const PHASES = [
	'accept',
	'claim',
	'attempt',
	'settle',
	'push',
	'POSTs, of attempt and push',
	'commit',
	'PostgreSQL client',
	'log lines',
	'garbage collection',
	'other',
] as const;
export type Phase = (typeof PHASES)[number];

/**
 * From the innermost function outwards, the first rule that fits decides. What several phases share, such as the rows of a
 * notification or the transport, has no rule, so that its caller decides. A rule names sources, and functions in them where
 * a file serves two phases.
 */
const RULES: readonly { phase: Phase; source: RegExp; name?: RegExp }[] = [
	{ phase: 'settle', source: /^runner\/store\/\w+\/webhooks\/claims/, name: /^owe/ },
	{ phase: 'claim', source: /^runner\/store\/\w+\/\w+\/(claims|queues|record-cache)/ },
	{ phase: 'claim', source: /^runner\/store\/rules\/\w*(lanes|shares)/ },
	{ phase: 'claim', source: /^runner\/workers\/due-loop/ },
	{ phase: 'accept', source: /^runner\/store\/\w+\/sends\// },
	{ phase: 'accept', source: /^engine\/dispatch\/(accept|plan)/ },
	{ phase: 'accept', source: /^runner\/http\// },
	{ phase: 'settle', source: /^runner\/store\/\w+\/(deliveries|feed)\// },
	{ phase: 'settle', source: /^engine\/dispatch\// },
	{ phase: 'push', source: /^runner\/store\/\w+\/webhooks\// },
	{ phase: 'push', source: /^runner\/workers\/(pusher|post-events|endpoint-watch|callback-watch)/ },
	{ phase: 'push', source: /^engine\/(webhooks|signing)\// },
	{ phase: 'attempt', source: /^runner\/workers\/dispatcher/ },
	{ phase: 'attempt', source: /^engine\/channels\// },
	{ phase: 'log lines', source: /^runner\/(log|line-writer)|^pino|^sonic-boom/ },
	{ phase: 'commit', source: /^runner\/store\/\w+\/db\/group-commit/ },
	{ phase: 'POSTs, of attempt and push', source: /^runner\/transport\/|^undici$/ },
	{ phase: 'PostgreSQL client', source: /^pg($|-)|^runner\/store\/postgres\/db\// },
	{ phase: 'accept', source: /^(fastify|find-my-way|zod)$|^node:_http_server/ },
];

function phaseOf(stack: readonly Frame[]): Phase {
	if (stack[0]?.name === '(garbage collector)') return 'garbage collection';
	for (const frame of stack) {
		const rule = RULES.find(
			({ source, name }) => source.test(frame.source) && (name?.test(frame.name) ?? true),
		);
		if (rule) return rule.phase;
	}
	return 'other';
}

/** Microseconds of each phase. */
export function timeByPhase(samples: Iterable<Sample>): ReadonlyMap<Phase, number> {
	const times = new Map<Phase, number>(PHASES.map((phase) => [phase, 0]));
	for (const { time, stack } of samples) {
		const phase = phaseOf(stack);
		times.set(phase, (times.get(phase) ?? 0) + time);
	}
	return times;
}
