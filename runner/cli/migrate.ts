import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { isPostgres } from '../store/postgres/db/url.ts';
import { StoreError, StoreUnavailable } from '../store/contract/errors.ts';
import { print, printError } from './output.ts';
import { networkReason } from '../words/index.ts';
import { type Progress, startProgress } from './progress.ts';

interface MigrateOptions {
	readonly from: string;
	readonly to: string;
}

/** `sureping migrate`: from a SQLite file to a PostgreSQL database, all or nothing. */
export function addMigrate(program: Command): void {
	program
		.command('migrate')
		.description('copy everything from a SQLite store to an empty PostgreSQL one')
		.requiredOption('--from <store>', 'sqlite:FILE; its runner must be stopped')
		.requiredOption('--to <store>', 'postgres://USER:PASSWORD@HOST/DATABASE')
		.action(async ({ from, to }: MigrateOptions, command: Command) => {
			const file = from.replace(/^sqlite:/, '');
			if (isPostgres(from) || !isPostgres(to) || !URL.canParse(to)) {
				command.error('--from must be sqlite:FILE, and --to a postgres:// URL');
				return;
			}
			try {
				if (!existsSync(file)) throw new StoreError(`${file} does not exist`);
				await copy(file, to);
			} catch (error) {
				if (!(error instanceof StoreError || error instanceof StoreUnavailable)) throw error;
				printError(await reasonOf(error, to));
				process.exitCode = 1;
			}
		});
}

async function copy(from: string, to: string): Promise<void> {
	const { copyToPostgres } = await import('../store/copy-to-postgres.ts');
	let progress: Progress | undefined;
	let migration: Progress | undefined;
	try {
		const counts = await copyToPostgres({
			from,
			to,
			watcher: {
				async moved({ done, total }) {
					migration ??= startProgress('rows brought up to date', total);
					migration.to(done);
				},
			},
			onProgress(done, total) {
				migration?.end();
				progress ??= startProgress('rows', total);
				progress.to(done);
			},
		});
		progress?.end();
		for (const [table, count] of Object.entries(counts)) {
			print(`${table.replaceAll('_', ' ')}: ${count}`);
		}
		print('Everything was copied. Set `store:` to the new database and start the runner.');
	} catch (error) {
		progress?.end();
		throw error;
	}
}

/** The reason of a failed migration, without the URL's password. */
async function reasonOf(error: StoreError | StoreUnavailable, to: string): Promise<string> {
	const { connectionReason } = await import('../store/postgres/db/connection-errors.ts');
	const reason = connectionReason(error);
	const { host } = new URL(to);
	const words = networkReason(error.cause);
	return words === undefined
		? reason
		: `The database server at ${host} cannot be reached: ${words}`;
}
