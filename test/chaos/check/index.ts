import { ACCEPTED_CHECKS } from './accepted.ts';
import type { Check, CheckResult } from './check.ts';
import { COURSE_CHECKS } from './course.ts';
import { DELIVERY_CHECKS } from './deliveries.ts';
import { EVENT_CHECKS } from './events.ts';
import type { Facts } from './facts.ts';

export type { CheckResult } from './check.ts';
export { type Evidence, factsOf, gatherEvidence } from './facts.ts';
export { figuresOf } from './figures.ts';

export const CHECKS: readonly Check[] = [
	...ACCEPTED_CHECKS,
	...DELIVERY_CHECKS,
	...EVENT_CHECKS,
	...COURSE_CHECKS,
];

export const judge = (facts: Facts): readonly CheckResult[] =>
	CHECKS.map(({ name, violations }) => ({ name, violations: [...violations(facts)] }));
