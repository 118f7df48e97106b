// Every npm script runs through this file, so that a clone needs only git, Node ≥ 20 and npm: it finds or gets Node 24,
// installs and builds what is missing, and runs the task under that Node. Plain JavaScript without dependencies.
import { fileURLToPath } from 'node:url';
import { cacheDirectory } from '../runner/bin/node24.mjs';
import { TOOLS, suite, test } from './bootstrap/checks.mjs';
import { build, installDependencies } from './bootstrap/clone.mjs';
import { misplacedOptions } from './bootstrap/misplaced-options.mjs';
import { chooseN8n, environmentOf } from './bootstrap/n8n.mjs';
import { N8N_HELP } from './bootstrap/n8n-help.mjs';
import { ensureNode24 } from './bootstrap/node.mjs';
import { withLock } from './bootstrap/lock.mjs';
import { environmentFor } from './bootstrap/npm.mjs';
import { run } from '../runner/bin/run.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const script = (path, ...first) => ({
	run: (node, options, args) => run(node, [path, ...first, ...args], options),
});
const tool = (name) => ({
	run: (node, options, args) => run(node, [...TOOLS[name], ...args], options),
});

const TASKS = {
	start: {
		scope: 'runner',
		build: true,
		// The runner's advice repeats the command, so it has to know that it was `npm start`.
		run: (node, { cwd, env }, args) =>
			run(node, ['runner/dist/sureping.js', 'serve', ...args], {
				cwd,
				env: { ...env, npm_lifecycle_event: 'start' },
			}),
	},
	test: { scope: 'all', build: true, run: test },
	'test:n8n': { scope: 'all', build: true, n8n: true, run: suite('n8n') },
	'test:mail': { scope: 'all', build: true, run: suite('mail') },
	'test:attack': { scope: 'all', build: true, run: suite('attack') },
	'test:install': { scope: 'all', build: true, run: suite('install') },
	'test:deploy': { scope: 'all', build: true, run: suite('deploy') },
	n8n: { scope: 'all', build: true, n8n: true, help: N8N_HELP, ...script('scripts/n8n/main.ts') },
	'old-database': { scope: 'all', ...script('test/old-databases/make.ts') },
	'test:mutants': { scope: 'all', ...script('scripts/mutants/main.ts') },
	'test:chaos': { scope: 'all', ...script('test/chaos/main.ts') },
	bench: { scope: 'all', build: true, ...script('bench/main.ts') },
	'bench:n8n': { scope: 'all', build: true, n8n: true, ...script('bench/n8n.ts') },
	build: { scope: 'runner', build: true, run: () => 0 },
	stage: { scope: 'runner', build: true, ...script('scripts/stage/main.ts') },
	docs: { scope: 'runner', ...script('scripts/docs/main.ts') },
	release: { scope: 'runner', ...script('scripts/release/main.ts') },
	site: { scope: 'site', ...script('site/build.ts') },
	typecheck: { scope: 'all', ...tool('typecheck') },
	lint: { scope: 'all', ...tool('lint') },
	format: { scope: 'all', ...tool('format') },
};

const [name, ...args] = process.argv.slice(2);
const task = TASKS[name];
if (!task) {
	console.error(`Usage: node scripts/bootstrap.mjs ${Object.keys(TASKS).join(' | ')} [arguments]`);
	process.exit(2);
}

const misplaced = misplacedOptions(name, args);
if (misplaced) {
	console.error(misplaced);
	process.exit(2);
}

if (task.help && args.some((arg) => arg === '--help' || arg === '-h')) {
	console.log(task.help);
	process.exit();
}

/** The release of n8n that the task is to run on, if it runs on one, and the arguments that are its own. */
function n8nArguments() {
	if (!task.n8n) return { others: args };
	try {
		return chooseN8n(args);
	} catch (error) {
		console.error(error.message);
		process.exit(2);
	}
}
const { release, isOther, others } = n8nArguments();
// Before anything is installed: the local n8n has no other options than those of its help.
if (name === 'n8n' && others.length > 0) {
	console.error(`npm run n8n does not know ${others.join(' ')}. See npm run n8n -- --help`);
	process.exit(2);
}

const node = await ensureNode24();
const env = environmentFor(node, { ...process.env, SUREPING_CACHE_DIR: cacheDirectory() });

// One at a time per clone: an install or a build under way must not be seen half done by another command.
await withLock(`${root}.bootstrap.lock`, async () => {
	await installDependencies(root, node, task.scope);
	if (task.build) await build(root, node);
});
if (task.n8n) Object.assign(env, await environmentOf(node, release));

// Of another release only what a workflow is about is tried, unless a test is named.
const own = isOther && others.length === 0 && name === 'test:n8n' ? ['smoke'] : others;
process.exitCode = await task.run(node, { cwd: root, env }, own);
