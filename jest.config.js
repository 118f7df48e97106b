'use strict';

const { availableParallelism } = require('node:os');

/** @type {import('jest').Config} */
const project = {
	testEnvironment: 'node',
	// Not in the temporary directory, where it would be left behind.
	cacheDirectory: '<rootDir>/node_modules/.cache/jest',
	transform: {
		'\\.(ts|mjs)$|/(webhooks-methods|commander)/.*\\.js$': [
			'@swc/jest',
			{ jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'commonjs' } },
		],
	},
	// These are published as ESM only.
	transformIgnorePatterns: ['/node_modules/(?!svix/|@octokit/webhooks-methods/|commander/)'],
	// The engine is ESM source; jest runs everything as CommonJS and so takes it by its path.
	moduleNameMapper: {
		'^@sureping/engine$': '<rootDir>/engine/index.ts',
		'^@octokit/webhooks-methods$':
			'<rootDir>/node_modules/@octokit/webhooks-methods/dist-node/index.js',
	},
	setupFiles: ['<rootDir>/test/support/no-name-servers.mjs'],
	setupFilesAfterEnv: ['<rootDir>/test/support/after-every-file.ts'],
	modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/runner/dist/'],
};

/** Folders of test/ that `npm test` leaves to a script of their own, `npm run test:NAME`. */
const SUITES = ['n8n', 'mail', 'attack', 'install', 'deploy'];

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
	// Many tests wait for a server or a process most of their time.
	maxWorkers: availableParallelism() + 1,
	testSequencer: '<rootDir>/test/support/longest-first.cjs',
	// Tests start real processes, and the machine may be busy: a limit for what hangs, not a measure of speed.
	testTimeout: 60_000,
};
