import { delimiter, dirname } from 'node:path';
import { runQuietly } from './run-quietly.mjs';

/** Variables that an outer `npm start` sets for its own script. An npm that works in another folder would misread them. */
const OUTER_NPM = /^(npm_(package|lifecycle|command)|npm_config_local_prefix|INIT_CWD)/;

/** The environment for everything below the bootstrap: `node` is this Node, also for shebangs and grandchildren. */
export function environmentFor(node, env = process.env) {
	const inherited = Object.entries(env).filter(([name]) => !OUTER_NPM.test(name));
	return {
		...Object.fromEntries(inherited),
		PATH: `${dirname(node)}${delimiter}${env.PATH ?? ''}`,
	};
}

/** Runs npm under the given Node in a folder, silently. The npm that started us if there is one, else PATH's. */
export function npm(node, cwd, args) {
	const env = environmentFor(node);
	const script = process.env.npm_execpath;
	if (script?.endsWith('.js')) return runQuietly(node, [script, ...args], { cwd, env });
	return runQuietly('npm', args, { cwd, env, shell: process.platform === 'win32' });
}
