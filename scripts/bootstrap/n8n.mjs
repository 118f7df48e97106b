import { join } from 'node:path';
import { cacheDirectory } from '../../runner/bin/node24.mjs';
import { cachedInstall } from './cached-install.mjs';

/** The n8n that the tests and `npm run n8n` use; n8n-core and n8n-workflow in package.json belong to this release. */
const N8N_VERSION = '2.40.7';

/** One resolved version each for what n8n's own packages ask for in ways that npm cannot reconcile. */
const OVERRIDES = {
	xlsx: '0.18.5',
	linkedom: '0.18.12',
	'@langchain/core': '1.2.8',
	'@langchain/langgraph-checkpoint': '1.1.5',
	'@langchain/protocol': '0.0.19',
};

/** n8n in the cache, about 2 GB. Its native modules are prebuilt, so no install script has to run. */
export const ensureN8n = (node) =>
	cachedInstall({
		directory: join(cacheDirectory(), `n8n-${N8N_VERSION}`),
		manifest: { dependencies: { n8n: N8N_VERSION }, overrides: OVERRIDES },
		npmArgs: ['--legacy-peer-deps', '--ignore-scripts'],
		node,
		announce: `Installing n8n ${N8N_VERSION} (once, about 2 GB and 3 minutes)…`,
	});
