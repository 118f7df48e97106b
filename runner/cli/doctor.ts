import { existsSync } from 'node:fs';
import { checkConnection } from '@sureping/engine';
import type { Command } from 'commander';
import { systemClock } from '../clock.ts';
import { inboundUrl } from '../config/inbound.ts';
import { demoFile } from '../config/demo.ts';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { loadConfig } from '../config/load.ts';
import { isPostgres } from '../store/postgres/db/url.ts';
import { checkDatabase } from '../store/sqlite/db/check.ts';
import { UrlGuard } from '../transport/url-guard.ts';
import { databaseFile } from './database-file.ts';
import { show, table } from './output.ts';
import { RemoteError } from './remote.ts';
import { runningConnections } from './running-connections.ts';

interface DoctorOptions {
	readonly config?: string;
	readonly dataDir: string;
	readonly url?: string;
	readonly json?: boolean;
}

interface Finding {
	readonly what: string;
	readonly ok: boolean;
	readonly found: string;
}

/** `sureping doctor`: exits with 0 when every check passes. Sends no message. */
export function addDoctor(program: Command): void {
	program
		.command('doctor')
		.description('check the configuration, the database and the connections')
		.option('--config <file>', 'YAML or JSON (default: the demo config that serve creates)')
		.option('--data-dir <dir>', 'directory of the database', './data')
		.option('--url <url>', 'a running runner, to ask which connections it holds back')
		.option('--json', 'print JSON')
		.action(async ({ config: file, dataDir, url, json }: DoctorOptions) => {
			const findings = [
				...(await examine(file, dataDir)),
				...(url === undefined ? [] : await examineRunning(url)),
			];
			const rows = findings.map(({ what, ok, found }) => [ok ? 'ok' : 'FAIL', what, found]);
			const ok = findings.every((finding) => finding.ok);
			show(json, { ok, findings }, ...table(rows));
			process.exitCode = ok ? 0 : 1;
		});
}

async function examine(file: string | undefined, dataDir: string): Promise<Finding[]> {
	const used = file ?? demoFile(dataDir);
	if (file === undefined && !existsSync(used)) {
		const found = `none is given, and serve has not run yet: without --config it makes ${used}`;
		return [{ what: 'configuration', ok: true, found }];
	}
	let config: Config;
	try {
		config = loadConfig(used, process.env);
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		return error.issues.map((issue) => ({ what: 'configuration', ok: false, found: issue }));
	}
	return [
		{ what: 'configuration', ok: true, found: `${used} can be used` },
		...config.warnings.map((found) => ({ what: 'configuration', ok: true, found })),
		await examineDatabase(config, dataDir),
		...inboundAddresses(config),
		...(await examineConnections(config)),
	];
}

async function examineDatabase(config: Config, dataDir: string): Promise<Finding> {
	const what = 'database';
	if (isPostgres(config.store ?? '')) {
		const { checkPostgres } = await import('../store/postgres/db/check.ts');
		return { what, ...(await checkPostgres(config.store ?? '')) };
	}
	const file = databaseFile(config, dataDir);
	if (!existsSync(file)) return { what, ok: true, found: 'does not exist yet; serve creates it' };
	return { what, ...checkDatabase(file) };
}

/** The URL to enter at each provider. Whether it was entered cannot be checked. */
function inboundAddresses({ inbound, publicUrl }: Config): Finding[] {
	return inbound.map((entry) => {
		const what = `inbound ${entry.provider}/${entry.connection}`;
		return publicUrl === undefined
			? { what, ok: false, found: 'needs public_url: providers must reach it, and some sign it' }
			: { what, ok: true, found: `reports to ${inboundUrl(publicUrl, entry)}` };
	});
}

/**
 * Reports paused connections and open breakers of the running runner; the test of the connection may succeed meanwhile.
 */
async function examineRunning(url: string): Promise<Finding[]> {
	const what = 'runner';
	try {
		const held = (await runningConnections(url)).filter(({ status }) => status !== 'ok');
		if (held.length === 0) return [{ what, ok: true, found: 'lets everything through' }];
		return held.map(({ lane, status }) => ({
			what: `${what} ${lane}`,
			ok: status !== 'down',
			found:
				status === 'down' ? 'is down: only probes go through' : 'is paused, as its service asked',
		}));
	} catch (error) {
		if (!(error instanceof RemoteError)) throw error;
		return [{ what, ok: false, found: error.message }];
	}
}

async function examineConnections({ catalog, security }: Config): Promise<Finding[]> {
	const { createHttpTransport } = await import('../transport/http/index.ts');
	const { createSmtpTransport } = await import('../transport/smtp/index.ts');
	const http = createHttpTransport(new UrlGuard(security));
	const smtp = createSmtpTransport();
	try {
		return await Promise.all(
			catalog.map(async ({ channel, name, connection }) => {
				const transports = { http: http.trusted, smtp };
				const checked = await checkConnection(connection, transports, systemClock);
				const what = `${channel}:${name}`;
				if (checked.result === 'ok') {
					return { what, ok: true, found: checked.detail ? `works: ${checked.detail}` : 'works' };
				}
				if (checked.result === 'unknown') {
					return { what, ok: true, found: `cannot be tested: ${checked.reason}` };
				}
				return { what, ok: false, found: checked.error.message };
			}),
		);
	} finally {
		await Promise.all([http.close(), smtp.close()]);
	}
}
