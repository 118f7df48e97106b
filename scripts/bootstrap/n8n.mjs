import { join } from 'node:path';
import { cacheDirectory } from '../../runner/bin/node24.mjs';
import { cachedInstall } from './cached-install.mjs';

/**
 * The releases of n8n that the tests run on, by major version. `2` is what `npm run n8n` and the tests use unless told
 * otherwise; n8n-core and n8n-workflow in package.json belong to it. `1` is the oldest that the package supports
 * (`engines.n8n` in package.json).
 *
 * The overrides are one resolved version each for what n8n's own packages ask for in ways that npm cannot reconcile.
 */
const RELEASES = {
	1: {
		version: '1.123.81',
		overrides: { xlsx: '0.18.5', '@langchain/langgraph-checkpoint': '1.0.0' },
	},
	2: {
		version: '2.40.7',
		overrides: {
			xlsx: '0.18.5',
			linkedom: '0.18.12',
			'@langchain/core': '1.2.8',
			'@langchain/langgraph-checkpoint': '1.1.5',
			'@langchain/protocol': '0.0.19',
		},
	},
};
const DEFAULT_MAJOR = '2';

/**
 * Takes `--n8n MAJOR` out of the arguments.
 * @throws when there is no such release here
 */
export function chooseN8n(args) {
	const at = args.findIndex((arg) => arg === '--n8n' || arg.startsWith('--n8n='));
	if (at < 0) return { major: DEFAULT_MAJOR, isOldest: false, others: args };
	const isOneWord = args[at] !== '--n8n';
	const major = isOneWord ? args[at].slice('--n8n='.length) : (args[at + 1] ?? '');
	if (!Object.hasOwn(RELEASES, major)) {
		const known = Object.entries(RELEASES).map(([name, { version }]) => `${name} (${version})`);
		throw new Error(`--n8n takes ${known.join(' or ')}, not "${major}"`);
	}
	const others = [...args.slice(0, at), ...args.slice(at + (isOneWord ? 1 : 2))];
	return { major, isOldest: major !== DEFAULT_MAJOR, others };
}

/** n8n in the cache, about 2 GB. Its native modules are prebuilt, so no install script has to run. */
export function ensureN8n(node, major = DEFAULT_MAJOR) {
	const { version, overrides } = RELEASES[major];
	return cachedInstall({
		directory: join(cacheDirectory(), `n8n-${version}`),
		manifest: { dependencies: { n8n: version }, overrides },
		npmArgs: ['--legacy-peer-deps', '--ignore-scripts'],
		node,
		announce: `Installing n8n ${version} (once, about 2 GB and 3 minutes)…`,
	});
}
