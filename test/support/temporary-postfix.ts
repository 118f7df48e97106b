import { execFileSync, type ChildProcess, spawn } from 'node:child_process';
import {
	chmodSync,
	chownSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { debianProgram } from './debian-program.ts';
import { freePort } from './free-port.ts';
import { listens } from './listens.ts';

/** Lines of main.cf that hold for one of its services alone. */
export type ServiceSettings = Readonly<Record<string, string>>;

export interface TemporaryPostfix {
	/** The port of each service on 127.0.0.1. */
	readonly ports: Readonly<Record<string, number>>;
	/** Message-IDs of the mails that it took, each once. */
	taken(): ReadonlySet<string>;
	stop(): void;
}

/**
 * A Postfix with a configuration, a queue and a log of its own, apart from any that the machine has. It listens on loopback
 * alone, takes mail for example.com and throws it away.
 */
export async function startPostfix(
	services: Readonly<Record<string, ServiceSettings>>,
): Promise<TemporaryPostfix> {
	const postfix = debianProgram({
		program: 'postfix',
		package: 'postfix',
		debconf: 'postfix postfix/main_mailer_type select No configuration',
	});
	if (process.getuid?.() !== 0) throw new Error('Postfix starts as root only: run this as root');
	const directory = mkdtempSync(join(tmpdir(), 'sureping-postfix-'));
	// Its processes run as users of their own, which have to come in.
	chmodSync(directory, 0o755);
	const [config, queue, data] = ['config', 'queue', 'data'].map((name) => join(directory, name));
	for (const path of [config, queue, data]) mkdirSync(path ?? '');
	chownSync(data ?? '', idOf('-u', 'postfix'), idOf('-g', 'postfix'));
	const log = join(directory, 'mail.log');
	const ports: Record<string, number> = {};
	for (const name of Object.keys(services)) ports[name] = await freePort();

	const main = {
		compatibility_level: '3.6',
		queue_directory: queue,
		data_directory: data,
		command_directory: dirname(postfix),
		daemon_directory: '/usr/lib/postfix/sbin',
		mail_owner: 'postfix',
		setgid_group: 'postdrop',
		maillog_file: log,
		maillog_file_prefixes: directory,
		inet_interfaces: '127.0.0.1',
		inet_protocols: 'ipv4',
		myhostname: 'mail.test',
		mydestination: '',
		// Every client counts as a stranger, so that the limits hold for it.
		mynetworks: '192.0.2.0/24',
		smtpd_client_event_limit_exceptions: '',
		virtual_mailbox_domains: 'example.com',
		virtual_mailbox_maps: 'static:all',
		virtual_transport: 'discard:',
	};
	writeFileSync(join(config ?? '', 'main.cf'), linesOf(main, '').join('\n'));
	writeFileSync(join(config ?? '', 'master.cf'), masterOf(services, ports));
	const control = (command: string): void => {
		execFileSync(postfix, ['-c', config ?? '', command], { stdio: 'pipe' });
	};
	control('start');
	await Promise.all(Object.values(ports).map((port) => listens(port)));
	return {
		ports,
		taken() {
			const ids = readFileSync(log, 'utf8').matchAll(/message-id=(<[^>]*>)/g);
			return new Set([...ids].map(([, id = '']) => id));
		},
		stop() {
			control('stop');
			rmSync(directory, { recursive: true, force: true });
		},
	};
}

/** master.cf (master(5)): an smtpd for each service, and the daemons that taking and throwing away a mail needs. */
function masterOf(
	services: Readonly<Record<string, ServiceSettings>>,
	ports: Readonly<Record<string, number>>,
): string {
	const smtpds = Object.entries(services).flatMap(([name, settings]) => [
		`127.0.0.1:${ports[name]} inet n - n - 50 smtpd`,
		...Object.entries(settings).map(([key, value]) => `  -o { ${key} = ${value} }`),
	]);
	const daemons = [
		'postlog unix-dgram n - n - 1 postlogd',
		'anvil unix - - n - 1 anvil',
		'cleanup unix n - n - 0 cleanup',
		'qmgr unix n - n 300 1 qmgr',
		'rewrite unix - - n - - trivial-rewrite',
		'bounce unix - - n - 0 bounce',
		'defer unix - - n - 0 bounce',
		'trace unix - - n - 0 bounce',
		'proxymap unix - - n - - proxymap',
		'discard unix - - n - - discard',
		'error unix - - n - - error',
		'retry unix - - n - - error',
		'scache unix - - n - 1 scache',
		'tlsmgr unix - - n 1000? 1 tlsmgr',
	];
	return `${[...smtpds, ...daemons].join('\n')}\n`;
}

const linesOf = (settings: Readonly<Record<string, unknown>>, indent: string): string[] => [
	...Object.entries(settings).map(([key, value]) => `${indent}${key} = ${String(value)}`),
	'',
];

const idOf = (flag: '-u' | '-g', user: string): number =>
	Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));

export interface TemporaryPostgrey {
	readonly port: number;
	stop(): void;
}

/** A greylisting policy server (Postfix' SMTPD_POLICY_README): unknown mail is refused for the first `delayS` seconds. */
export async function startPostgrey(
	delayS: number,
	whitelisted: readonly string[],
): Promise<TemporaryPostgrey> {
	const postgrey = debianProgram({ program: 'postgrey', package: 'postgrey' });
	const directory = mkdtempSync(join(tmpdir(), 'sureping-postgrey-'));
	chmodSync(directory, 0o755);
	const db = join(directory, 'db');
	mkdirSync(db);
	const isRoot = process.getuid?.() === 0;
	if (isRoot) chownSync(db, idOf('-u', 'postgrey'), idOf('-g', 'postgrey'));
	const [clients, recipients] = ['clients', 'recipients'].map((name) => join(directory, name));
	writeFileSync(clients ?? '', '');
	writeFileSync(recipients ?? '', `${whitelisted.join('\n')}\n`);
	const port = await freePort();
	const child: ChildProcess = spawn(
		postgrey,
		[
			`--inet=127.0.0.1:${port}`,
			`--dbdir=${db}`,
			`--delay=${delayS}`,
			'--auto-whitelist-clients=0',
			`--whitelist-clients=${clients}`,
			`--whitelist-recipients=${recipients}`,
		],
		{ stdio: 'ignore' },
	);
	await listens(port);
	return {
		port,
		stop() {
			child.kill('SIGTERM');
			rmSync(directory, { recursive: true, force: true });
		},
	};
}
