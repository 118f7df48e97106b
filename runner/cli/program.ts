import { Command } from 'commander';
import { VERSION } from '../version.ts';
import { addBackup } from './backup.ts';
import { addConnections } from './connections.ts';
import { addContacts } from './contacts.ts';
import { addDeadLetters } from './dead-letters.ts';
import { addDoctor } from './doctor.ts';
import { addEndpoints } from './endpoints.ts';
import { addEvents } from './events.ts';
import { addIncidents } from './incidents.ts';
import { addInit } from './init.ts';
import { addMigrate } from './migrate.ts';
import { addNotifications } from './notifications.ts';
import { addOnCall } from './on-call.ts';
import { printError } from './output.ts';
import { addReplay } from './replay.ts';
import { addSend } from './send.ts';
import { addServe } from './serve.ts';
import { addVerify } from './verify.ts';

const COMMANDS = [
	addInit,
	addServe,
	addSend,
	addNotifications,
	addEvents,
	addConnections,
	addIncidents,
	addEndpoints,
	addContacts,
	addOnCall,
	addReplay,
	addDeadLetters,
	addVerify,
	addDoctor,
	addBackup,
	addMigrate,
];

/** The command line with all its commands. Wrong usage throws a `CommanderError`. */
export function createProgram(): Command {
	const program = new Command('sureping')
		.description('Durable notifications with retry, fallback and signed delivery events')
		.version(VERSION, '--version', 'print the version')
		.showHelpAfterError('(see sureping --help)')
		.configureOutput({ outputError: (text) => printError(...text.trimEnd().split('\n')) })
		.exitOverride((error) => {
			throw error;
		});
	// Commands inherit these settings when they are added.
	for (const add of COMMANDS) add(program);
	return program;
}
