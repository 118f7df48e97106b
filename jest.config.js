'use strict';

/** @type {import('jest').Config} */
const project = {
	testEnvironment: 'node',
	transform: {
		'\\.(ts|mjs)$|/webhooks-methods/.*\\.js$': [
			'@swc/jest',
			{ jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'commonjs' } },
		],
	},
	// These are published as ESM only.
	transformIgnorePatterns: ['/node_modules/(?!svix/|@octokit/webhooks-methods/)'],
	// The engine is ESM source; jest runs everything as CommonJS and so takes it by its path.
	moduleNameMapper: {
		'^@sureping/engine$': '<rootDir>/engine/index.ts',
		'^@octokit/webhooks-methods$':
			'<rootDir>/node_modules/@octokit/webhooks-methods/dist-node/index.js',
	},
	modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/runner/dist/'],
};

/** Folders of test/ that `npm test` leaves to a script of their own, `npm run test:NAME`. */
const SUITES = ['n8n'];

/** @type {import('jest').Config} */
module.exports = {
	projects: [
		{
			...project,
			displayName: 'unit',
			testMatch: ['<rootDir>/test/**/*.test.ts'],
			testPathIgnorePatterns: SUITES.map((name) => `<rootDir>/test/${name}/`),
		},
		...SUITES.map((name) => ({
			...project,
			displayName: name,
			testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
		})),
	],
	reporters: ['default', '<rootDir>/test/support/count-reporter.cjs'],
	passWithNoTests: true,
	// What a failed test left open must not keep the run, and with it the gate, from ending.
	forceExit: true,
	// Tests start real processes, and the machine may be busy: a limit for what hangs, not a measure of speed.
	testTimeout: 30_000,
};
