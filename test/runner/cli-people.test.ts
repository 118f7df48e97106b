import { sureping } from '../support/cli.ts';
import { API_KEY, type RunnerProcess, startRunner } from '../support/runner-process.ts';

// A dozen commands one after the other, each a process of its own.
jest.setTimeout(120_000);

describe('the commands about people', () => {
	let runner: RunnerProcess;

	beforeAll(async () => {
		runner = await startRunner({
			contacts: [
				{ id: 'anna', name: 'Anna Berg', addresses: [{ channel: 'console', address: 'anna' }] },
			],
			on_call: [{ name: 'primary', members: ['anna'] }],
		});
	});
	afterAll(() => runner.dispose());

	const run = (...args: string[]) =>
		sureping(args, { SUREPING_URL: runner.url, SUREPING_KEY: API_KEY });

	it('add, show and remove a contact', async () => {
		const added = await run(
			...['contacts', 'add', 'ben', '--name', 'Ben', '--address', 'console=ben'],
			...['--address', 'console:terminal=here', '--quiet', '22:00-07:00', '--language', 'de'],
			...['--time-zone', 'Europe/Berlin'],
		);
		expect([added.code, added.out.trim()]).toEqual([
			0,
			'ben is added; a send names it as contact:ben',
		]);
		const { out } = await run('contacts', 'list');
		expect(out).toMatch(/^anna +Anna Berg +console=anna +config$/m);
		expect(out).toMatch(/^ben +Ben +console=ben, console:terminal=here +api$/m);
		const shown = (await run('contacts', 'get', 'ben')).out;
		expect(shown).toMatch(/^time zone +Europe\/Berlin$/m);
		expect(shown).toMatch(/^quiet +22:00-07:00 hold Mon Tue Wed Thu Fri Sat Sun$/m);
		const json: unknown = JSON.parse((await run('contacts', 'list', '--json')).out);
		expect(json).toMatchObject({ contacts: [{ id: 'anna' }, { id: 'ben' }] });

		const refused = await run('contacts', 'remove', 'anna');
		expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/config/)]);
		expect((await run('contacts', 'remove', 'ben')).out.trim()).toBe('ben is removed');
		expect((await run('contacts', 'get', 'ben')).code).toBe(1);
	});

	it('say who is on call', async () => {
		expect((await run('on-call', 'list')).out).toMatch(/^primary +anna .*every week +config$/m);
		const who = await run('on-call', 'who', 'primary');
		expect([who.code, who.out.split('\n')[0]]).toEqual([0, 'anna']);
		expect((await run('on-call', 'who', 'second')).code).toBe(1);
	});

	it('put another contact on call for a time', async () => {
		await runner.post('/contacts', {
			id: 'cara',
			name: 'Cara',
			addresses: [{ channel: 'console', address: 'cara' }],
		});
		await runner.post('/on-call', { name: 'second', members: ['anna'] });
		const done = await run('on-call', 'override', 'second', 'cara', '--to', '4h');
		expect([done.code, done.out]).toEqual([
			0,
			expect.stringMatching(/^cara is on call in second from \S+Z to \S+Z$/m),
		]);
		expect((await run('on-call', 'who', 'second', '--json')).out).toContain('"cara"');
		const past = await run('on-call', 'override', 'second', 'cara', '--to', '2020-01-01T00:00:00Z');
		expect([past.code, past.err]).toEqual([1, expect.stringContaining('to')]);
	});

	it('say what an option takes', async () => {
		for (const [wrong, advice] of [
			[['--address', 'anna@example.com'], 'telegram=123456789'],
			[['--address', 'console=x', '--quiet', 'night'], '22:00-07:00'],
		] as const) {
			const { code, err } = await run('contacts', 'add', 'x', '--name', 'x', ...wrong);
			expect([code, err]).toEqual([2, expect.stringContaining(advice)]);
		}
		const { code, err } = await run('on-call', 'override', 'a', 'b', '--to', 'tomorrow');
		expect([code, err]).toEqual([2, expect.stringContaining('from now')]);
	});
});
