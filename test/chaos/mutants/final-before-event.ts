import type { Mutant } from './mutant.ts';

/** A delivery's state is committed first, and the events that tell it in a commit of their own. */
export const finalBeforeEvent: Mutant = {
	name: 'final-before-event',
	edits: [
		{
			file: 'runner/store/sqlite/index.ts',
			original: `			this.insertEvents(after.events, record.callbacks);
			return applyWaitingReports`,
			mutated: `			const { callbacks } = record;
			void this.commits.run(() => this.insertEvents(after.events, callbacks)).catch(() => undefined);
			return applyWaitingReports`,
		},
	],
	breaks: ['events of a delivery have no gaps', 'the last event says the final state'],
};
