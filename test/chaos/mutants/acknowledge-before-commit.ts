import type { Mutant } from './mutant.ts';

/** The caller is told 202 while its notification is still in memory. */
export const acknowledgeBeforeCommit: Mutant = {
	name: 'acknowledge-before-commit',
	edits: [
		{
			file: 'runner/store/sqlite/index.ts',
			original: `	}: Acceptance): Promise<AcceptResult> {
		return this.commits.run(() => {
			const now = transition.notification.createdAt;
			if (idempotency) {
				const earlier = findAnswer(this.sql, apiKey, idempotency, now);
				if (earlier) return earlier;
				rememberAnswer(this.sql, apiKey, idempotency, answer, now);
			}
			insertNotification(this.sql, transition.notification, apiKey, callbacks);
			this.insertEvents(transition, callbacks);
			return { result: 'accepted', answer };
		});`,
			mutated: `	}: Acceptance): Promise<AcceptResult> {
		this.commits
			.run(() => {
				const now = transition.notification.createdAt;
				if (idempotency) {
					if (findAnswer(this.sql, apiKey, idempotency, now)) return;
					rememberAnswer(this.sql, apiKey, idempotency, answer, now);
				}
				insertNotification(this.sql, transition.notification, apiKey, callbacks);
				this.insertEvents(transition, callbacks);
			})
			.catch(() => undefined);
		return Promise.resolve({ result: 'accepted', answer });`,
		},
	],
	breaks: ['what was acknowledged is in the store'],
};
