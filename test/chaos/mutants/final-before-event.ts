import type { Mutant } from './mutant.ts';

/** A delivery's state is committed first, and the events that tell it in a commit of their own. */
export const finalBeforeEvent: Mutant = {
	name: 'final-before-event',
	edits: [
		{
			file: 'runner/store/sqlite/deliveries/index.ts',
			original: `				publish(scope, after.events, record.callbacks, after.notification.depth);
				return applyWaitingReports`,
			mutated: `				const { callbacks, notification } = record;
				void commits
					.run(() => publish(scope, after.events, callbacks, notification.depth))
					.catch(() => undefined);
				return applyWaitingReports`,
		},
		{
			file: 'runner/store/postgres/changes.ts',
			original: `			this.told.push({ event, callbacks, depth: notification.depth });`,
			mutated: `			this.toldLater.push({ event, callbacks, depth: notification.depth });`,
		},
		{
			file: 'runner/store/postgres/changes.ts',
			original: `	private readonly told: Told[] = [];`,
			mutated: `	private readonly told: Told[] = [];
	readonly toldLater: Told[] = [];`,
		},
		{
			file: 'runner/store/postgres/index.ts',
			original: `			return { transitions, ended: changes.ended() };
		});`,
			mutated: `			return { transitions, ended: changes.ended(), later: changes.toldLater };
		}).then(({ later, ...committed }) => {
			void this.database.transaction((sql) => tell(sql, later, this.scope)).catch(() => undefined);
			return committed;
		});`,
		},
	],
	breaks: ['events of a delivery have no gaps', 'the last event says the final state'],
};
