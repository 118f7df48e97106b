import type { Command } from 'commander';
import type { Runner } from '../runner.ts';
import { noticesOf } from '../config/notices.ts';
import { ConfigError } from '../config/config-error.ts';
import { weaknessOf } from '../config/env-file.ts';
import { loadConfig } from '../config/load.ts';
import { type DemoConfig, demoConfig } from '../config/demo.ts';
import { usualFile } from '../config/usual-file.ts';
import { LineWriter } from '../line-writer.ts';
import { createLog, openLogWriter } from '../log.ts';
import { type Role, ROLES } from '../roles.ts';
import { isPostgres } from '../store/postgres/db/url.ts';
import { didYouMean, fileReason } from '../words/index.ts';
import { StoreError } from '../store/contract/errors.ts';
import { MigrationStopped } from '../store/migration.ts';
import { databaseFile } from './database-file.ts';
import { DEFAULT_PORT } from './default-port.ts';
import { listenReason } from './listen-reason.ts';
import { Opening } from './opening.ts';
import { printable, printError } from './output.ts';

interface ServeOptions {
	readonly config?: string;
	readonly host: string;
	readonly port: string;
	readonly dataDir: string;
	readonly role: string;
}

/** `sureping serve`: runs the runner until SIGINT or SIGTERM. */
export function addServe(program: Command): void {
	program
		.command('serve')
		.description('run the server')
		.option(
			'--config <file>',
			'YAML or JSON (default: sureping.yaml if there is one here, else a demo config)',
		)
		.option('--host <host>', 'address to listen on', '127.0.0.1')
		.option('--port <port>', 'port to listen on; 0 takes a free one', String(DEFAULT_PORT))
		.option('--data-dir <dir>', 'directory of the database', './data')
		.option(
			'--role <roles>',
			'api accepts and answers, worker sends and posts webhooks',
			ROLES.join(','),
		)
		.action(async (options: ServeOptions, command: Command) => {
			const port = Number(options.port);
			if (!/^\d{1,5}$/.test(options.port) || port > 65_535) {
				command.error(`--port ${options.port} is not a port, which is a number from 0 to 65535`);
				return;
			}
			const asked = options.role.split(',');
			const roles = new Set(ROLES.filter((role) => asked.includes(role)));
			const unknown = asked.find((role) => !ROLES.some((known) => known === role));
			if (unknown !== undefined) {
				const meant = didYouMean(unknown, ROLES);
				command.error(
					`--role ${unknown} is not a role; use one or both of ${ROLES.join(',')}${meant}`,
				);
				return;
			}
			try {
				await serve(options, port, roles);
			} catch (error) {
				const reason = startReason(error, options);
				if (reason === undefined) throw error;
				printError(...reason.split('\n'));
				process.exitCode = 1;
			}
		});
}

async function serve(
	{ config: named, host, dataDir }: ServeOptions,
	askedPort: number,
	roles: ReadonlySet<Role>,
): Promise<void> {
	const file = usualFile(named);
	const demo = file === undefined ? demoConfig(dataDir, process.env) : undefined;
	const config = demo?.config ?? loadConfig(file ?? '', process.env);
	if (!roles.has('api') && !isPostgres(config.store ?? '')) {
		throw new StoreError(
			'--role needs a PostgreSQL store, except --role api, which sends nothing: a SQLite file belongs to one process.',
		);
	}
	const logLines = openLogWriter();
	const log = createLog(config.logLevel, logLines);
	const output = new LineWriter(1, (dropped) => `[${dropped} lines are missing here]\n`);
	const say = (...lines: readonly string[]): void => {
		for (const line of lines) output.write(`${printable(line)}\n`);
	};
	// Loaded only now: it is most of the program, and no other command needs it.
	const { Runner: LoadedRunner } = await import('../runner.ts');
	const opening = new Opening({ host, port: askedPort, config, log });
	let runner: Runner;
	try {
		runner = await LoadedRunner.open({
			config,
			file: databaseFile(config, dataDir),
			log,
			roles,
			print: (line) => say(`[console] ${line}`),
			droppedLines: () => ({ log: logLines.dropped, output: output.dropped }),
			watcher: opening,
		});
	} catch (error) {
		await opening.end();
		if (!(error instanceof MigrationStopped)) throw error;
		if (error.cause !== undefined) throw error.cause;
		log.info('stopped');
		return;
	}
	const port = await opening.end();

	let isStopping = false;
	const stop = (signal: string): void => {
		// On Ctrl-C, both npm and the terminal send the signal.
		if (isStopping) return;
		isStopping = true;
		log.info({ signal }, 'stopping');
		runner.stop().then(
			() => log.info('stopped'),
			(err: unknown) => {
				log.error({ err }, 'could not stop cleanly');
				process.exitCode = 1;
			},
		);
	};
	process.on('SIGTERM', stop);
	process.on('SIGINT', stop);
	if (opening.signal.aborted) {
		await runner.stop();
		return;
	}

	let url: string;
	try {
		url = await runner.listen(host, port);
	} catch (error) {
		await runner.stop();
		throw error;
	}
	say(...(demo ? demoBanner(url, demo, roles) : banner(url)).split('\n'));
	log.info({ url }, 'ready');
	for (const warning of config.warnings) log.warn(warning);
	const weakness = file === undefined ? undefined : weaknessOf(file);
	if (weakness) log.warn(`${weakness.found}; ${weakness.change}`);
	for (const notice of noticesOf(config, roles, demo !== undefined)) log.info(notice);
}

/** The reason for which the runner cannot start; undefined for a fault of its own. */
function startReason(error: unknown, { host, port, dataDir }: ServeOptions): string | undefined {
	if (error instanceof ConfigError || error instanceof StoreError) return error.message;
	return listenReason(error, host, port) ?? dataDirReason(error, dataDir);
}

function dataDirReason(error: unknown, dataDir: string): string | undefined {
	const { syscall } = Object(error) as { syscall?: unknown };
	if (syscall !== 'mkdir' && syscall !== 'open') return undefined;
	return `--data-dir ${dataDir} cannot be used: ${fileReason(error)}`;
}

const banner = (url: string): string => `Sureping listens on ${url}
Try the API at ${url}/docs`;

/** The calls to try first: those that this process answers and whose effect it shows. */
function demoBanner(
	url: string,
	{ file, key = 'YOUR_KEY' }: Pick<DemoConfig, 'file' | 'key'>,
	roles: ReadonlySet<Role>,
): string {
	const send = `
Send a notification to this terminal:

  curl -s ${url}/send -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' \\
    -d '{"message": "Hello from Sureping", "channels": ["console"], "recipient": "me"}'
`;
	const events = `
See its delivery events:

  curl -s ${url}/events -H 'Authorization: Bearer ${key}'
`;
	const isBoth = roles.has('api') && roles.has('worker');
	return `
Sureping listens on ${url}
API key: ${key}
(from ${file}; use --config FILE for your own channels)
${isBoth ? send + events : ''}
All API calls, to read and to try: ${url}/docs
`;
}
