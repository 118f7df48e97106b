import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sureping } from '../support/cli.ts';
import { ended, type RunnerProcess, startRunner } from '../support/runner-process.ts';

describe('sureping backup', () => {
	const dir = mkdtempSync(join(tmpdir(), 'sureping-backup-'));
	let runner: RunnerProcess;
	beforeAll(async () => {
		runner = await startRunner();
	});
	afterAll(async () => {
		await runner.dispose();
		rmSync(dir, { recursive: true });
	});

	it('copies everything that was accepted before it, while the runner goes on accepting', async () => {
		const before: string[] = [];
		const during: string[] = [];
		const send = async (ids: string[]): Promise<void> => {
			const { status, body } = await runner.post('/send', { message: 'm', channels: ['console'] });
			expect(status).toBe(202);
			ids.push(body.notification_id);
		};
		for (let i = 0; i < 50; i++) await send(before);
		const to = join(dir, 'copy.db');
		let isDone = false;
		const others = (async () => {
			while (!isDone) await send(during);
		})();
		const dataDir = dirname(runner.database);
		const { code, out } = await sureping(['backup', '--to', to, '--data-dir', dataDir]);
		isDone = true;
		await others;
		expect(out).toContain('checked');
		expect(code).toBe(0);
		expect(during.length).toBeGreaterThan(0);
		expect(statSync(to).mode & 0o777).toBe(0o600);

		const copy = new DatabaseSync(to, { readOnly: true });
		const ids = new Set(
			copy
				.prepare('SELECT id FROM notifications')
				.all()
				.map((row) => row.id),
		);
		expect(copy.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
		copy.close();
		for (const id of before) expect(ids).toContain(id);

		// A runner takes it up as its own.
		const restored = await startRunner({ store: `sqlite:${to}` });
		expect((await ended(restored, before[0]!)).status).toBe('delivered');
		await restored.dispose();
	});

	it('writes over nothing and leaves nothing half done', async () => {
		const to = join(dir, 'taken.db');
		writeFileSync(to, 'mine');
		const data = ['--data-dir', dirname(runner.database)];
		const taken = await sureping(['backup', '--to', to, ...data]);
		expect([taken.code, taken.err]).toEqual([1, expect.stringContaining('is there already')]);
		const nowhere = await sureping(['backup', '--to', join(dir, 'none', 'a.db'), ...data]);
		expect(nowhere.code).toBe(1);
		const empty = await sureping([
			'backup',
			'--to',
			join(dir, 'b.db'),
			'--data-dir',
			join(dir, 'x'),
		]);
		expect([empty.code, empty.err]).toEqual([1, expect.stringContaining('is not there')]);
		const config = join(dir, 'postgres.json');
		const api_keys = [{ name: 'n8n', key: 'sp_test_key_0123456789' }];
		writeFileSync(config, JSON.stringify({ store: 'postgres://u:p4ssw0rd@db/x', api_keys }));
		const postgres = await sureping(['backup', '--to', join(dir, 'b.db'), '--config', config]);
		expect([postgres.code, postgres.err]).toEqual([1, expect.stringContaining('pg_dump')]);
		expect(postgres.err).not.toContain('p4ss');
		expect(existsSync(join(dir, 'b.db'))).toBe(false);
		expect(readdirSync(dir).filter((name) => name.includes('unfinished'))).toEqual([]);
	});

	it('takes the store of the sureping.yaml in its folder, without the secrets of the runner', async () => {
		const folder = mkdtempSync(join(dir, 'folder-'));
		const config = (...lines: string[]): void =>
			writeFileSync(
				join(folder, 'sureping.yaml'),
				['api_keys: [{ name: n8n, key: "${KEY_OF_THE_RUNNER}" }]', ...lines].join('\n'),
			);
		const copy = (env: Record<string, string> = {}) =>
			sureping(['backup', '--to', 'copy.db'], env, folder);

		config('store: "sqlite:${DATABASE}"');
		const copied = await copy({ DATABASE: runner.database });
		expect([copied.err, copied.code]).toEqual(['', 0]);
		rmSync(join(folder, 'copy.db'));
		const overridden = await copy({ SUREPING_STORE: `sqlite:${runner.database}`, DATABASE: 'x' });
		expect([overridden.err, overridden.code]).toEqual(['', 0]);
		rmSync(join(folder, 'copy.db'));
		config();
		const data = ['--data-dir', dirname(runner.database)];
		const usual = await sureping(['backup', '--to', 'copy.db', ...data], {}, folder);
		expect([usual.err, usual.code]).toEqual(['', 0]);
		rmSync(join(folder, 'copy.db'));

		// A copy of another database than the runner's would look like a backup.
		config('store: "sqlite:${DATABASE}"');
		const unset = await sureping(['backup', '--to', 'copy.db', ...data], {}, folder);
		expect([unset.code, unset.err]).toEqual([
			1,
			expect.stringMatching(/store: DATABASE is not set/),
		]);
		expect(unset.err).not.toContain('KEY_OF_THE_RUNNER');
		config('store: 7');
		const wrong = await sureping(['backup', '--to', 'copy.db', ...data], {}, folder);
		expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('store: must be')]);
		config('store: [');
		const broken = await sureping(['backup', '--to', 'copy.db', ...data], {}, folder);
		expect([broken.code, broken.err]).toEqual([1, expect.stringContaining('cannot be used')]);
		expect(readdirSync(folder)).toEqual(['sureping.yaml']);
	});
});
