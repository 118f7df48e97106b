import { existsSync } from 'node:fs';
import { checkConnection } from '@sureping/engine';
import { systemClock } from '../../clock.ts';
import type { Config } from '../../config/config.ts';
import { ConfigError } from '../../config/config-error.ts';
import { weaknessOf } from '../../config/env-file.ts';
import { inboundUrl } from '../../config/inbound.ts';
import { loadConfig } from '../../config/load.ts';
import { isPostgres } from '../../store/postgres/db/url.ts';
import { checkDatabase } from '../../store/sqlite/db/check.ts';
import { UrlGuard } from '../../transport/url-guard.ts';
import { databaseFile } from '../database-file.ts';
import type { Finding } from './finding.ts';

/** Reads a config file. `config` is missing if it has a mistake. */
export function examineConfig(file: string): {
	readonly findings: readonly Finding[];
	readonly config?: Config;
} {
	const what = 'configuration';
	try {
		const config = loadConfig(file, process.env);
		const findings = [`${file} can be used`, ...config.warnings].map((found) => ({
			what,
			ok: true,
			found,
		}));
		const weakness = weaknessOf(file);
		return {
			findings: weakness ? [...findings, { what: 'secrets', ok: false, ...weakness }] : findings,
			config,
		};
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		return { findings: error.issues.map((found) => ({ what, ok: false, found })) };
	}
}

/** Checks the database, the addresses of `inbound`, and the credentials of every connection. */
export async function examineInstallation(
	config: Config,
	dataDir: string,
): Promise<readonly Finding[]> {
	return [
		await examineDatabase(config, dataDir),
		...inboundAddresses(config),
		...(await examineConnections(config)),
	];
}

async function examineDatabase(config: Config, dataDir: string): Promise<Finding> {
	const what = 'database';
	if (isPostgres(config.store ?? '')) {
		const { checkPostgres } = await import('../../store/postgres/db/check.ts');
		return { what, ...(await checkPostgres(config.store ?? '')) };
	}
	const file = databaseFile(config, dataDir);
	if (!existsSync(file)) {
		const found = `is not in ${dataDir} here: serve makes it there, or it is elsewhere (--data-dir)`;
		return { what, ok: true, found };
	}
	return { what, ...checkDatabase(file) };
}

/** The URL to enter at each provider. Whether it was entered cannot be checked. */
function inboundAddresses({ inbound, publicUrl }: Config): Finding[] {
	return inbound.map((entry) => {
		const what = `inbound ${entry.provider}/${entry.connection}`;
		return publicUrl === undefined
			? {
					what,
					ok: false,
					found: 'needs public_url: providers must reach it, and some sign it',
					change: 'in the config, public_url: https://… (the URL at which others reach the runner)',
				}
			: { what, ok: true, found: `reports to ${inboundUrl(publicUrl, entry)}` };
	});
}

async function examineConnections({ catalog, security }: Config): Promise<Finding[]> {
	const { createHttpTransport } = await import('../../transport/http/index.ts');
	const { createSmtpTransport } = await import('../../transport/smtp/index.ts');
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
