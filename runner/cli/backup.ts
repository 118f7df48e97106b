import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { loadConfig } from '../config/load.ts';
import { usualFile } from '../config/usual-file.ts';
import { isPostgres } from '../store/postgres/db/url.ts';
import { backUp } from '../store/sqlite/db/backup.ts';
import { databaseFile } from './database-file.ts';
import { print, printError } from './output.ts';

interface BackupOptions {
	readonly to: string;
	readonly config?: string;
	readonly dataDir: string;
}

/** `sureping backup`: a usable copy of the database, even while the runner is running. */
export function addBackup(program: Command): void {
	program
		.command('backup')
		.description('copy the database to a file, also while the runner runs')
		.requiredOption('--to <file>', 'file to create; it must not exist')
		.option('--config <file>', 'the configuration of the runner, if it names a store')
		.option('--data-dir <dir>', 'directory of the database', './data')
		.action(({ to, config: file, dataDir }: BackupOptions) => {
			const result = copy(usualFile(file), dataDir, resolve(to));
			if (result.ok) {
				print(`${to}: ${(result.bytes / 1024 / 1024).toFixed(1)} MB, checked`);
				return;
			}
			printError(...`No backup was made: ${result.reason}`.split('\n'));
			process.exitCode = 1;
		});
}

function copy(file: string | undefined, dataDir: string, to: string): ReturnType<typeof backUp> {
	try {
		const config: Pick<Config, 'store'> =
			file === undefined ? { store: undefined } : loadConfig(file, process.env);
		if (isPostgres(config.store ?? '')) {
			return { ok: false, reason: 'the store is a PostgreSQL database; use pg_dump to copy it' };
		}
		return backUp(databaseFile(config, dataDir), to);
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		return { ok: false, reason: error.message };
	}
}
