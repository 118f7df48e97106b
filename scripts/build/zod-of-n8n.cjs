'use strict';

const { engines, name } = require('../../package.json');

const NAMESPACE = 'zod-of-n8n';
const OLDEST = engines.n8n.replace(/^>=/, '');

/** An n8n that is too old has no zod 4. Its "Cannot find module 'zod/v4'" would not say what to do. */
const CHECKED = `
const load = () => {
	try {
		return require('zod/v4');
	} catch {
		return undefined;
	}
};
const zod = load();
if (zod === undefined) {
	throw new Error('${name} needs n8n ${OLDEST} or newer. Update n8n, then restart it.');
}
module.exports = zod;
`;

/** An esbuild plugin: the nodes use the zod that n8n brings along, and say so where it brings none. */
const zodOfN8n = {
	name: NAMESPACE,
	setup(build) {
		build.onResolve({ filter: /^zod\/v4$/ }, ({ namespace }) =>
			namespace === NAMESPACE
				? { path: 'zod/v4', external: true }
				: { path: 'zod/v4', namespace: NAMESPACE },
		);
		build.onLoad({ filter: /./, namespace: NAMESPACE }, () => ({ contents: CHECKED }));
	},
};

module.exports = { zodOfN8n };
