import type { Mutant } from './mutant.ts';

/** A delivery's state is committed first, and the events that tell it in a commit of their own. */
export const finalBeforeEvent: Mutant = {
	name: 'final-before-event',
	edits: [
		{
			file: 'runner/store/sqlite/deliveries/index.ts',
			original: `				publish(scope, after.events, record.callbacks, after.notification);
				return applyWaitingReports`,
			mutated: `				const { callbacks } = record;
				void commits
					.run(() => publish(scope, after.events, callbacks, after.notification))
					.catch(() => undefined);
				return applyWaitingReports`,
		},
		{
			file: 'runner/store/postgres/notifications/changes.ts',
			original: `			this.publications.push({ event, callbacks, depth, about: notification });`,
			mutated: `			this.publishedLater.push({ event, callbacks, depth });`,
		},
		{
			file: 'runner/store/postgres/notifications/changes.ts',
			original: `	private readonly publications: Publication[] = [];`,
			mutated: `	private readonly publications: Publication[] = [];
	readonly publishedLater: Publication[] = [];`,
		},
		{
			file: 'runner/store/postgres/sends/commits.ts',
			original: `		return changes.ended();`,
			mutated: `		this.later = changes.publishedLater;
		return changes.ended();`,
		},
		{
			file: 'runner/store/postgres/sends/commits.ts',
			original: `		const ended = await carrying(this.scope, (sql, load) => this.write(sql, all, load));`,
			mutated: `		const ended = await carrying(this.scope, (sql, load) => this.write(sql, all, load));
		const { endpoints } = this.scope;
		const publications = this.later ?? [];
		void this.scope.database
			.transaction(async (sql) => {
				const lock = await lockFeed(sql);
				const audience = await endpoints.at(sql, lock.endpointsVersion);
				await publishLocked(sql, publications, lock, this.scope, audience);
			})
			.catch(() => undefined);`,
		},
		{
			file: 'runner/store/postgres/sends/commits.ts',
			original: `import { Changes } from '../notifications/changes.ts';`,
			mutated: `import { lockFeed } from '../feed/lock.ts';
import { publishLocked } from '../feed/publish.ts';
import { Changes } from '../notifications/changes.ts';`,
		},
	],
	breaks: ['events of a delivery have no gaps', 'the last event says the final state'],
};
