import { spawn } from 'node:child_process';
import { RUNNER } from './runner-process.ts';
import { waitUntil } from './wait-until.ts';

export interface AtTerminal {
	/** Everything that was shown, control sequences included. */
	shown(): string;
	/** Waits until a text is shown that had not been shown before, and then types. */
	answer(question: string, keys: string): Promise<void>;
	/** Resolves with the exit code. */
	readonly ended: Promise<number | null>;
}

/** Lets the program believe that it is at a terminal of a usual size, and passes on its exit code. */
const SCRIPT = `
import os, pty, sys
size = 'stty cols 120 rows 40; exec "$@"'
sys.exit(os.waitstatus_to_exitcode(pty.spawn(['sh', '-c', size, 'sh'] + sys.argv[1:])))
`;

/** Runs the built `sureping` at a terminal, which Python opens. */
export function atTerminal(args: readonly string[]): AtTerminal {
	const child = spawn('python3', ['-c', SCRIPT, process.execPath, ...RUNNER, ...args], {
		stdio: ['pipe', 'pipe', 'inherit'],
		timeout: 60_000,
	});
	let shown = '';
	let seen = 0;
	child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
	return {
		shown: () => shown,
		async answer(question, keys) {
			await waitUntil(`"${question}" is shown`, () => shown.includes(question, seen));
			seen = shown.indexOf(question, seen) + question.length;
			child.stdin.write(keys);
		},
		ended: new Promise((resolve) => child.once('close', resolve)),
	};
}
