'use strict';

const Sequencer = require('@jest/test-sequencer').default;

/** Begun last, one of these would keep a single core busy when everything else is done. In order of their time. */
const LONGEST = [
	'test/runner/store-conformance/postgres.test.ts',
	'test/runner/postgres-processes.test.ts',
	'test/runner/store-conformance/sqlite.test.ts',
	'test/runner/verify-providers.test.ts',
	'test/runner/webhook-operation.test.ts',
	'test/engine/receive/conformance.test.ts',
	'test/chaos/chaos.test.ts',
	'test/runner/postgres-store.test.ts',
	'test/runner/postgres-limits.test.ts',
];

/** jest goes by the sizes of files until it has run them, and these import most of what they do. */
module.exports = class LongestFirst extends Sequencer {
	sort(tests) {
		const place = ({ path }) => LONGEST.findIndex((one) => path.endsWith(one));
		const isLong = (test) => place(test) !== -1;
		return [
			...tests.filter(isLong).sort((a, b) => place(a) - place(b)),
			...super.sort(tests.filter((test) => !isLong(test))),
		];
	}
};
