import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const FORWARDED = ['SIGINT', 'SIGTERM'];
const PARENT_CHECK_MS = 500;

/**
 * Runs a program with this terminal and resolves to its exit code (128 + n when signal n ended it).
 *
 * A signal is passed on once, however often it comes: for one Ctrl-C npm and the terminal both deliver it, and the child
 * has to be left the time to shut down in order. The end of npm itself counts as SIGTERM, so that killing `npm start`
 * leaves no server behind.
 */
export function run(file, args, options = {}) {
	return new Promise((resolve, reject) => {
		const child = spawn(file, args, { stdio: 'inherit', ...options });
		const seen = new Set();
		const forward = (signal) => {
			if (!seen.has(signal)) child.kill(signal);
			seen.add(signal);
		};
		const parent = process.ppid;
		const parentCheck = setInterval(() => {
			if (process.ppid !== parent) forward('SIGTERM');
		}, PARENT_CHECK_MS);
		const settle = (finish) => (value, signal) => {
			clearInterval(parentCheck);
			for (const name of FORWARDED) process.off(name, forward);
			finish(value ?? 128 + constants.signals[signal]);
		};
		for (const name of FORWARDED) process.on(name, forward);
		child.on('error', settle(reject));
		child.on('close', settle(resolve));
	});
}
