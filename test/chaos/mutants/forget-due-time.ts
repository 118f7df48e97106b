import type { Mutant } from './mutant.ts';

/** A failed attempt is tried again at once, although the wait was announced. */
export const forgetDueTime: Mutant = {
	name: 'forget-due-time',
	edits: [
		{
			file: 'engine/dispatch/settle.ts',
			original: `state: 'retrying', attempts, dueAt };`,
			mutated: `state: 'retrying', attempts, dueAt: now };`,
		},
	],
	breaks: ['no attempt comes before it is due'],
};
