import type { Facts } from './facts.ts';

/** Something that must hold for every run; a violation names what broke it. */
export interface Check {
	readonly name: string;
	violations(facts: Facts): Iterable<string>;
}

export interface CheckResult {
	readonly name: string;
	readonly violations: readonly string[];
}
