import { Command, CommanderError } from 'commander';
import { addServe } from './serve.ts';
import { addVerify } from './verify.ts';

/** Wrong usage exits with 2, as shells and grep have it. */
const WRONG_USAGE = 2;

const program = new Command('sureping')
	.description('Durable notifications with retry, fallback and signed delivery events')
	.showHelpAfterError('(see sureping --help)');
addServe(program);
addVerify(program);
for (const command of [program, ...program.commands]) {
	command.exitOverride((error) => {
		throw error;
	});
}

try {
	await program.parseAsync();
} catch (error) {
	if (!(error instanceof CommanderError)) throw error;
	process.exitCode = error.exitCode === 0 ? 0 : WRONG_USAGE;
}
