import type { Mutant } from './mutant.ts';

/** The caller is told 202 while its notification is still in memory. */
export const acknowledgeBeforeCommit: Mutant = {
	name: 'acknowledge-before-commit',
	edits: [
		{
			file: 'runner/store/sqlite/sends/index.ts',
			original: `		accept: (acceptance) => commits.run(() => accept(scope, acceptance)),`,
			mutated: `		accept(acceptance) {
			void commits.run(() => accept(scope, acceptance)).catch(() => undefined);
			return Promise.resolve({ result: 'accepted', answer: acceptance.answer });
		},`,
		},
		{
			file: 'runner/store/postgres/sends/index.ts',
			original: `			const result = await commits.accept(acceptance);`,
			mutated: `			void commits.accept(acceptance).catch(() => undefined);
			const result: AcceptResult = { result: 'accepted', answer: acceptance.answer };`,
		},
	],
	breaks: ['what was acknowledged is in the store'],
};
