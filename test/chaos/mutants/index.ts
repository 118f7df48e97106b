import { acknowledgeBeforeCommit } from './acknowledge-before-commit.ts';
import { finalBeforeEvent } from './final-before-event.ts';
import { forgetDueTime } from './forget-due-time.ts';
import { goOnAfterAnswer } from './go-on-after-answer.ts';
import type { Mutant } from './mutant.ts';

export type { Edit, Mutant } from './mutant.ts';

export const MUTANTS: readonly Mutant[] = [
	acknowledgeBeforeCommit,
	forgetDueTime,
	finalBeforeEvent,
	goOnAfterAnswer,
];
