import type { Mutant } from './mutant.ts';

/** An acknowledgement is recorded, and the next step comes all the same. */
export const goOnAfterAnswer: Mutant = {
	name: 'go-on-after-answer',
	hasIncidents: true,
	edits: [
		{
			file: 'engine/escalation/answers.ts',
			original: `		status: 'acknowledged',
		next: undefined,`,
			mutated: `		status: 'acknowledged',`,
		},
	],
	breaks: ['no page follows an acknowledgement'],
};
