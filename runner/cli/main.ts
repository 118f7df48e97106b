import { Command, CommanderError } from 'commander';
import { addBackup } from './backup.ts';
import { addDeadLetters } from './dead-letters.ts';
import { addDoctor } from './doctor.ts';
import { addEndpoints } from './endpoints.ts';
import { addEvents } from './events.ts';
import { addMigrate } from './migrate.ts';
import { RemoteError } from './remote.ts';
import { addReplay } from './replay.ts';
import { addSend } from './send.ts';
import { addServe } from './serve.ts';
import { addVerify } from './verify.ts';

/** Wrong usage exits with 2, as shells and grep have it. */
const WRONG_USAGE = 2;

const program = new Command('sureping')
	.description('Durable notifications with retry, fallback and signed delivery events')
	.showHelpAfterError('(see sureping --help)');
const COMMANDS = [
	addServe,
	addSend,
	addEvents,
	addEndpoints,
	addReplay,
	addDeadLetters,
	addVerify,
	addDoctor,
	addBackup,
	addMigrate,
];
for (const add of COMMANDS) add(program);
throwInsteadOfExit(program);

try {
	await program.parseAsync();
} catch (error) {
	if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : WRONG_USAGE;
	else if (error instanceof RemoteError) {
		process.stderr.write(`${error.message}\n`);
		process.exitCode = 1;
	} else throw error;
}

function throwInsteadOfExit(command: Command): void {
	command.exitOverride((error) => {
		throw error;
	});
	command.commands.forEach(throwInsteadOfExit);
}
