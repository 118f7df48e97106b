import { resolve } from 'node:path';
import type { Command } from 'commander';
import { ConfigError } from '../config/config-error.ts';
import { loadConfig, loadSetting } from '../config/load.ts';
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
			const result = copy(file, dataDir, resolve(to));
			if (result.ok) {
				print(`${to}: ${(result.bytes / 1024 / 1024).toFixed(1)} MB, checked`);
				return;
			}
			printError(...`No backup was made: ${result.reason}`.split('\n'));
			process.exitCode = 1;
		});
}

function copy(named: string | undefined, dataDir: string, to: string): ReturnType<typeof backUp> {
	try {
		const store = storeOf(named);
		if (isPostgres(store ?? '')) {
			return { ok: false, reason: 'the store is a PostgreSQL database; use pg_dump to copy it' };
		}
		return backUp(databaseFile({ store }, dataDir), to);
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		return { ok: false, reason: error.message };
	}
}

/**
 * The store that the config names. Of a file that nobody named, the rest is not read: a scheduled backup runs in the
 * folder of the config, but without the secrets of the runner.
 */
function storeOf(named: string | undefined): string | undefined {
	if (named !== undefined) return loadConfig(named, process.env).store;
	const file = usualFile(named);
	return file === undefined ? undefined : loadSetting(file, process.env, 'store');
}
