import { CommanderError } from 'commander';
import { printError } from './output.ts';
import { createProgram } from './program.ts';
import { RemoteError } from './remote.ts';

/** The exit status for wrong usage, as in shells and grep. */
const WRONG_USAGE = 2;

// A reader such as `head` may close the pipe early.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
	if (error.code !== 'EPIPE') throw error;
	process.exit();
});

try {
	await createProgram().parseAsync();
} catch (error) {
	if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : WRONG_USAGE;
	else if (error instanceof RemoteError) {
		printError(error.message);
		process.exitCode = 1;
	} else throw error;
}
