import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWithHistory } from '../old-databases/describe-with-history.ts';
import { BEFORE, buildOldRunner } from '../old-databases/old-runner.ts';
import { API_KEY, RUNNER, runnerAt } from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';
import { commandsOf, type Drill, startDrill } from './drill.ts';

const [backUp = '', check = '', serve = '', ...others] = commandsOf('docs/operate/upgrade.md');

describeWithHistory('an upgrade as the page says', () => {
	let drill: Drill | undefined;
	let older: readonly string[];
	beforeAll(async () => {
		older = runnerAt(await buildOldRunner(BEFORE));
	}, 60_000);
	afterEach(() => drill?.dispose());

	it('goes on with the same data, and back with the backup', async () => {
		expect(others).toEqual([]);
		drill = startDrill();
		const { get, post, run } = drill;
		const config = {
			api_keys: [{ name: 'n8n', key: API_KEY }],
			connections: [{ name: 'terminal', channel: 'console' }],
		};
		writeFileSync(join(drill.directory, 'sureping.yaml'), JSON.stringify(config));
		const send = async (): Promise<string> => {
			const { status, body } = await post('/send', { message: 'm', channels: ['console'] });
			expect(status).toBe(202);
			const id = String(body.notification_id);
			await waitUntil('it is delivered', async () => {
				return (await get(`/notifications/${id}`)).body.status === 'delivered';
			});
			return id;
		};

		drill.install(older);
		const before = await drill.serve(serve);
		const first = await send();
		await run(backUp);
		expect(await before.stop()).toBe(0);

		drill.install(RUNNER);
		expect(await run(check)).toMatch(/ok\s+database\s+is sound/);
		const newer = await drill.serve(serve);
		expect((await get(`/notifications/${first}`)).body.status).toBe('delivered');
		await send();
		expect(await newer.stop()).toBe(0);

		drill.install(older);
		await expect(drill.serve(serve)).rejects.toThrow('was written by a newer version');
		await run('mkdir restored && cp before-update.db restored/sureping.db');
		await drill.serve(serve.replace('./data', './restored'));
		expect((await get(`/notifications/${first}`)).body.status).toBe('delivered');
	});
});
