'use strict';

const { chmod, glob, rm, writeFile } = require('node:fs/promises');
const esbuild = require('esbuild');
const { dest, parallel, series, src } = require('gulp');
const { zodOfN8n } = require('./scripts/build/zod-of-n8n.cjs');

/** Every n8n class is its own entry: n8n loads the files that package.json lists and nothing else. */
const NODE_SOURCES = ['nodes/**/*.node.ts', 'credentials/*.credentials.ts'];

/** n8n supplies these at run time; everything else has to be in the file, as the package has no dependencies. */
const SUPPLIED_BY_N8N = ['n8n-workflow'];

const matching = async (patterns) => (await Array.fromAsync(glob(patterns))).sort();

const clean = () =>
	Promise.all(['dist', 'runner/dist'].map((path) => rm(path, { recursive: true, force: true })));

async function nodes() {
	const entryPoints = await matching(NODE_SOURCES);
	if (entryPoints.length === 0) return;
	await esbuild.build({
		entryPoints,
		outdir: 'dist',
		outbase: '.',
		bundle: true,
		platform: 'node',
		format: 'cjs',
		target: 'node20',
		external: SUPPLIED_BY_N8N,
		plugins: [zodOfN8n],
		logLevel: 'warning',
	});
}

/** Light and dark, at the path that the classes' `file:../../icons/…` means after the build. */
const icons = () => src('icons/*.svg', { encoding: false }).pipe(dest('dist/icons'));

/** The `.node.json` files: categories and search words for n8n's node panel. */
const codex = () =>
	src('nodes/**/*.node.json', { encoding: false, allowEmpty: true }).pipe(dest('dist/nodes'));

async function runner() {
	const [entry] = await matching(['runner/cli/main.ts']);
	if (!entry) return;
	const { bundleRunner } = await import('./runner/bundle.ts');
	const { thirdPartyNotices } = await import('./scripts/build/third-party-notices.mjs');
	const sources = await bundleRunner(entry, 'runner/dist/sureping.js');
	await chmod('runner/dist/sureping.js', 0o755);
	await writeFile('runner/dist/THIRD-PARTY-NOTICES.txt', await thirdPartyNotices(sources));
}

module.exports = {
	clean,
	nodes,
	icons,
	codex,
	runner,
	build: series(clean, parallel(nodes, icons, codex, runner)),
};
module.exports.default = module.exports.build;
