import { join } from 'node:path';
import { cacheDirectory } from '../../runner/bin/node24.mjs';
import { cachedInstall } from './cached-install.mjs';
import { ensureNode20 } from './node-20.mjs';

/** One resolved version each of what n8n's own packages ask for in ways that npm cannot reconcile. */
const OVERRIDES_2 = {
	xlsx: '0.18.5',
	linkedom: '0.18.12',
	'@langchain/core': '1.2.8',
	'@langchain/langgraph-checkpoint': '1.1.5',
	'@langchain/protocol': '0.0.19',
};

/**
 * The releases of n8n that the tests run on. `2` is what `npm run n8n` and the tests use unless told otherwise; n8n-core
 * and n8n-workflow in package.json belong to it. Of the others the essentials are tried: `1` is the oldest that the package
 * supports (`engines.n8n` in package.json), on the oldest Node that it takes, as its users have it.
 */
const RELEASES = {
	1: {
		version: '1.123.81',
		overrides: { xlsx: '0.18.5', '@langchain/langgraph-checkpoint': '1.0.0' },
		ensureNode: ensureNode20,
		// Its default engine is built for Node ≥ 22 alone (`engines` of isolated-vm 6).
		env: { N8N_EXPRESSION_ENGINE: 'legacy' },
	},
	2: { version: '2.40.7', overrides: OVERRIDES_2 },
	2.41: { version: '2.41.1', overrides: OVERRIDES_2 },
};
const DEFAULT_RELEASE = '2';

/**
 * Takes `--n8n RELEASE` out of the arguments.
 * @throws when there is no such release here
 */
export function chooseN8n(args) {
	const at = args.findIndex((arg) => arg === '--n8n' || arg.startsWith('--n8n='));
	if (at < 0) return { release: DEFAULT_RELEASE, isOther: false, others: args };
	const isOneWord = args[at] !== '--n8n';
	const release = isOneWord ? args[at].slice('--n8n='.length) : (args[at + 1] ?? '');
	if (!Object.hasOwn(RELEASES, release)) {
		const known = Object.entries(RELEASES).map(([name, { version }]) => `${name} (${version})`);
		throw new Error(`--n8n takes ${known.join(' or ')}, not "${release}"`);
	}
	const others = [...args.slice(0, at), ...args.slice(at + (isOneWord ? 1 : 2))];
	return { release, isOther: release !== DEFAULT_RELEASE, others };
}

/** n8n in the cache, about 2 GB. Its native modules are prebuilt, so no install script has to run. */
function ensureN8n(node, release) {
	const { version, overrides } = RELEASES[release];
	return cachedInstall({
		directory: join(cacheDirectory(), `n8n-${version}`),
		manifest: { dependencies: { n8n: version }, overrides },
		npmArgs: ['--legacy-peer-deps', '--ignore-scripts'],
		node,
		announce: `Installing n8n ${version} (once, about 2 GB and 3 minutes)…`,
	});
}

/** The environment of tasks that run this release. */
export async function environmentOf(node, release) {
	const { ensureNode, env } = RELEASES[release];
	return {
		SUREPING_N8N_DIR: await ensureN8n(node, release),
		...(ensureNode && { SUREPING_N8N_NODE: await ensureNode() }),
		...env,
	};
}
