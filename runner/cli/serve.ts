import type { Command } from 'commander';
import { ConfigError, loadConfig } from '../config/load.ts';
import { demoConfig } from '../config/demo.ts';
import { LineWriter } from '../line-writer.ts';
import { createLog, openLogWriter } from '../log.ts';
import { type Role, ROLES, Runner } from '../runner.ts';
import { isPostgres } from '../store/address.ts';
import { StoreError } from '../store/store-error.ts';
import { databaseFile } from './database-file.ts';
import { printable } from './output.ts';

interface ServeOptions {
	readonly config?: string;
	readonly host: string;
	readonly port: string;
	readonly dataDir: string;
	readonly role: string;
}

/** `sureping serve`: the runner, until it is told to stop. */
export function addServe(program: Command): void {
	program
		.command('serve')
		.description('run the server')
		.option(
			'--config <file>',
			'YAML or JSON; without it a console channel and a demo key are set up',
		)
		.option('--host <host>', 'address to listen on', '127.0.0.1')
		.option('--port <port>', 'port to listen on; 0 takes a free one', '8477')
		.option('--data-dir <dir>', 'where the database is kept', './data')
		.option('--role <roles>', 'what this process does, with PostgreSQL', ROLES.join(','))
		.action(async (options: ServeOptions, command: Command) => {
			const port = Number(options.port);
			if (!Number.isInteger(port) || port < 0 || port > 65_535) {
				command.error(`--port ${options.port} is not a port`);
				return;
			}
			const roles = new Set(ROLES.filter((role) => options.role.split(',').includes(role)));
			if (options.role.split(',').some((role) => !ROLES.some((known) => known === role))) {
				command.error(`--role ${options.role} is not of ${ROLES.join(', ')}`);
				return;
			}
			try {
				await serve(options, port, roles);
			} catch (error) {
				if (!isExpected(error)) throw error;
				process.stderr.write(`${error.message}\n`);
				process.exitCode = 1;
			}
		});
}

async function serve(
	{ config: file, host, dataDir }: ServeOptions,
	port: number,
	roles: ReadonlySet<Role>,
): Promise<void> {
	const demo = file === undefined ? demoConfig(dataDir, process.env) : undefined;
	const config = demo?.config ?? loadConfig(file ?? '', process.env);
	if (roles.size < ROLES.length && !isPostgres(config.store ?? '')) {
		throw new StoreError('--role needs a PostgreSQL store: one process owns a SQLite file.');
	}
	const logLines = openLogWriter();
	const log = createLog(config.logLevel, logLines);
	const output = new LineWriter(1, (dropped) => `[${dropped} lines are missing here]\n`);
	const say = (text: string): void => output.write(`${text}\n`);
	const runner = await Runner.open({
		config,
		file: databaseFile(config, dataDir),
		log,
		roles,
		print: (line) => say(`[console] ${printable(line)}`),
		droppedLines: () => ({ log: logLines.dropped, output: output.dropped }),
	});

	const stop = (signal: string): void => {
		log.info({ signal }, 'stopping');
		runner.stop().then(
			() => log.info('stopped'),
			(err: unknown) => {
				log.error({ err }, 'stopping went wrong');
				process.exitCode = 1;
			},
		);
	};
	process.on('SIGTERM', stop);
	process.on('SIGINT', stop);

	let url: string;
	try {
		url = await runner.listen(host, port);
	} catch (error) {
		await runner.stop();
		throw error;
	}
	log.info({ url }, 'ready');
	say(demo ? demoBanner(url, demo.key, demo.file) : `Sureping listens on ${url}`);
}

function isExpected(error: unknown): error is Error {
	if (error instanceof ConfigError || error instanceof StoreError) return true;
	const code = error instanceof Error && 'code' in error ? error.code : undefined;
	return code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL';
}

const demoBanner = (url: string, key: string, file: string): string => `
Sureping listens on ${url}
API key: ${key}
(from ${file}; give --config FILE for channels of your own)

Send a notification to this terminal:

  curl -s ${url}/send -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' \\
    -d '{"message": "Hello from Sureping", "channels": ["console"], "recipient": "me"}'

See what became of it:

  curl -s ${url}/events -H 'Authorization: Bearer ${key}'
`;
