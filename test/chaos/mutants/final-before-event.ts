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
			file: 'runner/store/postgres/notifications/changes.ts',
			original: `			this.publications.push({ event, callbacks, depth: notification.depth });`,
			mutated: `			this.publishedLater.push({ event, callbacks, depth: notification.depth });`,
		},
		{
			file: 'runner/store/postgres/notifications/changes.ts',
			original: `	private readonly publications: Publication[] = [];`,
			mutated: `	private readonly publications: Publication[] = [];
	readonly publishedLater: Publication[] = [];`,
		},
		{
			file: 'runner/store/postgres/deliveries/index.ts',
			original: `		return { transitions, ended: changes.ended() };
	});`,
			mutated: `		return { transitions, ended: changes.ended(), later: changes.publishedLater };
	}).then(({ later, ...committed }) => {
		void scope.database.transaction((sql) => publish(sql, later, scope)).catch(() => undefined);
		return committed;
	});`,
		},
		{
			file: 'runner/store/postgres/deliveries/index.ts',
			original: `import { Changes } from '../notifications/changes.ts';`,
			mutated: `import { publish } from '../feed/publish.ts';
import { Changes } from '../notifications/changes.ts';`,
		},
	],
	breaks: ['events of a delivery have no gaps', 'the last event says the final state'],
};
