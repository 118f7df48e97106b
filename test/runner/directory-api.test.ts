import { DatabaseSync } from 'node:sqlite';
import {
	type Answer,
	API_KEY,
	type RunnerProcess,
	startRunner,
} from '../support/runner-process.ts';

const as = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
const MANAGER = 'sp_test_manager_0123456';
const READER = 'sp_test_reader_0123456';
const SENDER = 'sp_test_sender_0123456';

const HOUR_MS = 3_600_000;
const inHours = (hours: number): string => new Date(Date.now() + hours * HOUR_MS).toISOString();

const ADDRESS = { channel: 'console', address: 'anna@example.com' };

describe('contacts, on-calls and policies over the API', () => {
	let runner: RunnerProcess;
	beforeAll(async () => {
		runner = await startRunner({
			api_keys: [
				{ name: 'all', key: API_KEY, scopes: ['admin'] },
				{ name: 'manager', key: MANAGER, scopes: ['manage', 'read'] },
				{ name: 'reader', key: READER, scopes: ['read'] },
				{ name: 'sender', key: SENDER, scopes: ['send', 'endpoints', 'respond'] },
			],
			connections: [
				{ name: 'terminal', channel: 'console' },
				{
					name: 'mail',
					channel: 'email',
					smtp: { host: '127.0.0.1', port: 9 },
					from: 'a@b.example',
				},
			],
			contacts: [{ id: 'chief', name: 'Chief', addresses: [ADDRESS] }],
			on_call: [{ name: 'always', members: ['chief'] }],
			policies: [{ name: 'last', steps: [{ after_s: 0, notify: ['on_call:always'] }] }],
		});
	});
	afterAll(() => runner.dispose());

	const made: string[] = [];
	afterEach(async () => {
		for (const path of made.splice(0).reverse()) await runner.call('DELETE', path);
	});

	/** Makes an entry that is removed after the test. */
	async function make(list: string, body: Record<string, unknown>): Promise<Answer['body']> {
		const answer = await runner.post(list, body);
		expect([answer.status, answer.body.errors]).toEqual([201, undefined]);
		made.push(`${list}/${answer.body.id ?? answer.body.name}`);
		return answer.body;
	}
	const contact = (id: string, more: object = {}) =>
		make('/contacts', { id, name: id, addresses: [ADDRESS], ...more });
	const onCall = (name: string, more: object = {}) =>
		make('/on-call', { name, members: ['chief'], ...more });
	const policy = (name: string, notify: readonly string[], more: object = {}) =>
		make('/policies', { name, steps: [{ after_s: 0, notify }], ...more });

	const errorsOf = async (answer: Promise<Answer>): Promise<unknown> => {
		const { status, body } = await answer;
		return { status, paths: body.errors?.map(({ path }: { path: string }) => path) };
	};
	const wrong = (...paths: string[]) => ({ status: 422, paths });

	it('are made, listed by name with those of the config file, changed and removed', async () => {
		const anna = {
			id: 'anna',
			name: 'Anna Berg',
			addresses: [ADDRESS, { channel: 'email', connection: 'mail', address: 'anna@example.org' }],
			rules: { important: [{ channel: 'email', after_s: 1.5 }] },
			language: 'de',
			time_zone: 'Europe/Berlin',
			quiet_hours: [{ days: ['Fri', 'Sat'], from: '22:00', to: '07:00', do: 'skip' }],
		};
		expect(await make('/contacts', anna)).toEqual({ ...anna, source: 'api' });
		const { id } = await make('/contacts', { name: 'No id', addresses: [ADDRESS] });
		expect(id).toMatch(/^ct_[0-9a-z]{26}$/);
		const listed = await runner.get('/contacts');
		expect(listed.body.contacts.map((one: Answer['body']) => [one.id, one.source])).toEqual([
			['anna', 'api'],
			['chief', 'config'],
			[id, 'api'],
		]);
		expect(listed.body).not.toHaveProperty('next_cursor');

		const changed = await runner.call('PATCH', '/contacts/anna', {
			name: 'Anna',
			language: null,
			quiet_hours: null,
		});
		const { language: _language, quiet_hours: _quiet, ...kept } = anna;
		expect([changed.status, changed.body]).toEqual([200, { ...kept, name: 'Anna', source: 'api' }]);
		expect((await runner.get('/contacts/anna')).body).toEqual(changed.body);

		const removed = await runner.call('DELETE', '/contacts/anna');
		expect([removed.status, removed.body]).toEqual([204, '']);
		expect((await runner.get('/contacts/anna')).status).toBe(404);
		expect((await runner.call('DELETE', '/contacts/anna')).status).toBe(404);
		expect((await runner.call('PATCH', '/contacts/anna', { name: 'x' })).status).toBe(404);
	});

	it('are listed in pages, of which none hides an entry when one is removed meanwhile', async () => {
		for (const id of ['page-a', 'page-b', 'page-c', 'page-d']) await contact(id);
		const seen: string[] = [];
		let after = 'page';
		for (let pages = 0; pages < 3; pages++) {
			const { body } = await runner.get(`/contacts?limit=2&after=${after}`);
			seen.push(...body.contacts.map(({ id }: { id: string }) => id));
			if (body.next_cursor === undefined) break;
			after = body.next_cursor;
			await runner.call('DELETE', `/contacts/${after}`);
		}
		expect(seen).toEqual(['page-a', 'page-b', 'page-c', 'page-d']);
		expect((await runner.get('/contacts?limit=0')).status).toBe(422);
		expect((await runner.get('/policies?name=x')).status).toBe(422);
	});

	it('are kept over a restart, and those that the config takes over stay as the config has them', async () => {
		await contact('anna');
		await onCall('primary', { members: ['anna'] });
		await policy('critical', ['on_call:primary']);
		await runner.kill('SIGKILL');
		await runner.start();
		expect((await runner.get('/policies/critical')).body).toMatchObject({
			steps: [{ after_s: 0, notify: ['on_call:primary'], ack: 'first', urgency: 'default' }],
			repeat: 0,
			repeat_after_s: 300,
			source: 'api',
		});
		expect((await runner.get('/on-call/primary')).body.now).toEqual({ who: ['anna'] });
	});

	describe('an on-call', () => {
		it('says who is on call now and who is next', async () => {
			await contact('anna');
			const {
				start: _start,
				next,
				...rest
			} = await onCall('turns', {
				members: ['anna', 'chief'],
				every: 'day',
				time_zone: 'Europe/Berlin',
			});
			const others: Readonly<Record<string, string>> = { anna: 'chief', chief: 'anna' };
			expect(rest).toEqual({
				name: 'turns',
				members: ['anna', 'chief'],
				every: 'day',
				handover: '09:00',
				time_zone: 'Europe/Berlin',
				overrides: [],
				source: 'api',
				now: { who: [expect.stringMatching(/^(anna|chief)$/)] },
			});
			expect(next.who).toEqual([others[rest.now.who[0]]]);
			const ahead = Date.parse(next.at) - Date.now();
			expect(ahead).toBeGreaterThan(0);
			expect(ahead).toBeLessThanOrEqual(25 * HOUR_MS);
			const { body } = await runner.get('/on-call');
			expect(body.on_call.map((one: Answer['body']) => [one.name, one.source, one.next])).toEqual([
				['always', 'config', undefined],
				['turns', 'api', next],
			]);
		});

		it('has another contact on call for the time of an override', async () => {
			await contact('anna');
			await onCall('duty');
			const override = { who: 'anna', from: inHours(-1), to: inHours(1) };
			const { status, body } = await runner.post('/on-call/duty/overrides', override);
			expect(status).toBe(201);
			expect(body).toMatchObject({
				overrides: [override],
				now: { who: ['anna'] },
				next: { at: override.to, who: ['chief'] },
			});
			const add = (more: object) =>
				errorsOf(runner.post('/on-call/duty/overrides', { ...override, ...more }));
			expect(await add({ who: 'nobody' })).toEqual(wrong('who'));
			expect(await add({ to: inHours(-0.5) })).toEqual(wrong('to'));
			expect(await add({ to: override.from })).toEqual(wrong('to'));
			expect(await add({ reason: 'x' })).toEqual(wrong('reason'));
			expect(await add({ from: 'tomorrow' })).toEqual(wrong('from'));
			expect((await runner.get('/on-call/duty')).body.overrides).toEqual([override]);
			const none = await runner.post('/on-call/nobody/overrides', override);
			expect(none.status).toBe(404);
			const back = await runner.call('PATCH', '/on-call/duty', { overrides: [] });
			expect(back.body.now).toEqual({ who: ['chief'] });
		});

		it('forgets overrides that are over, which keep no contact from being removed', async () => {
			await contact('anna');
			const past = { who: 'anna', from: inHours(-2), to: inHours(-1) };
			const later = { who: 'anna', from: inHours(1), to: inHours(2) };
			expect((await onCall('duty', { overrides: [past, later] })).overrides).toEqual([later]);
			expect((await runner.call('DELETE', '/contacts/anna')).body.used_by).toEqual([
				{ kind: 'on_call', name: 'duty' },
			]);
			await runner.call('PATCH', '/on-call/duty', { overrides: [past] });
			expect((await runner.call('DELETE', '/contacts/anna')).status).toBe(204);
		});
	});

	describe('addresses of contacts', () => {
		it('are masked for keys without manage, wherever they are shown', async () => {
			await contact('anna', {
				addresses: [
					ADDRESS,
					{ channel: 'console', address: '#ops' },
					{ channel: 'console', address: '7' },
				],
			});
			for (const path of ['/contacts', '/contacts/anna']) {
				const read = await runner.call('GET', path, undefined, as(READER));
				expect(JSON.stringify(read.body)).not.toContain('example');
				const managed = await runner.call('GET', path, undefined, as(MANAGER));
				expect(JSON.stringify(managed.body)).toContain('anna@example.com');
			}
			const { body } = await runner.call('GET', '/contacts/anna', undefined, as(READER));
			const shown = body.addresses.map(({ address }: { address: string }) => address);
			expect(shown).toEqual(['an…om', '#…', '…']);
		});

		it('and paths and queries of calendars, which are secrets', async () => {
			await onCall('cal', { ical_url: 'https://127.0.0.1/private-token/basic.ics?key=query' });
			const urlFor = async (key: string): Promise<string> =>
				(await runner.call('GET', '/on-call/cal', undefined, as(key))).body.ical_url;
			expect(await urlFor(READER)).toBe('https://127.0.0.1/…');
			expect(await urlFor(MANAGER)).toBe('https://127.0.0.1/private-token/basic.ics');
		});
	});

	it('need manage to be changed and read to be seen', async () => {
		const paths = ['/contacts', '/on-call', '/policies'];
		for (const path of paths) {
			const name = path === '/contacts' ? 'chief' : path === '/on-call' ? 'always' : 'last';
			const one = `${path}/${name}`;
			for (const get of [path, one]) {
				expect((await runner.call('GET', get, undefined, as(READER))).status).toBe(200);
				expect((await runner.call('GET', get, undefined, as(SENDER))).status).toBe(403);
				expect((await runner.call('GET', get, undefined, as('wrong'))).status).toBe(401);
			}
			for (const [method, where] of [
				['POST', path],
				['PATCH', one],
				['DELETE', one],
			] as const) {
				const body = method === 'DELETE' ? undefined : {};
				for (const key of [READER, SENDER]) {
					expect((await runner.call(method, where, body, as(key))).status).toBe(403);
				}
				const managed = await runner.call(method, where, body, as(MANAGER));
				expect([401, 403]).not.toContain(managed.status);
			}
		}
		const override = await runner.post('/on-call/always/overrides', {}, as(READER));
		expect(override.status).toBe(403);
	});

	describe('bad input changes nothing, and each mistake has its path', () => {
		const good = { id: 'new', name: 'New', addresses: [ADDRESS] };
		it.each([
			['no name', { ...good, name: undefined }, ['name']],
			['an empty name', { ...good, name: ' ' }, ['name']],
			['no addresses', { ...good, addresses: [] }, ['addresses']],
			['an id with a slash', { ...good, id: 'a/b' }, ['id']],
			['an unknown field', { ...good, email: 'a@b.example' }, ['email']],
			[
				'an unknown channel',
				{ ...good, addresses: [{ channel: 'pigeon', address: 'x' }] },
				['addresses.0.channel'],
			],
			[
				'an unknown connection',
				{ ...good, addresses: [{ ...ADDRESS, connection: 'other' }] },
				['addresses.0.connection'],
			],
			[
				'an address that the channel refuses',
				{ ...good, addresses: [{ channel: 'email', address: 'no mail' }] },
				['addresses.0.address'],
			],
			[
				'a rule without an address',
				{ ...good, rules: { default: [{ channel: 'email', after_s: 0 }] } },
				['rules.default.0.channel'],
			],
			['a zone that does not exist', { ...good, time_zone: 'Mars/Base' }, ['time_zone']],
			['a language that is none', { ...good, language: 'German!' }, ['language']],
			[
				'hours that are none',
				{ ...good, quiet_hours: [{ from: '25:00', to: '07:00' }] },
				['quiet_hours.0.from'],
			],
			[
				'quiet hours without an end',
				{ ...good, quiet_hours: [{ from: '00:00', to: '24:00' }] },
				['quiet_hours'],
			],
			[
				'two mistakes',
				{ ...good, time_zone: 'Mars/Base', addresses: [{ channel: 'pigeon', address: 'x' }] },
				['addresses.0.channel', 'time_zone'],
			],
		])('of a contact: %s', async (_what, body, paths) => {
			expect(await errorsOf(runner.post('/contacts', body))).toEqual(wrong(...paths));
			expect((await runner.get('/contacts/new')).status).toBe(404);
		});

		const rotation = { name: 'new', members: ['chief'] };
		it.each([
			['nobody', { ...rotation, members: [] }, ['members']],
			['an unknown contact', { ...rotation, members: ['chief', 'nobody'] }, ['members.1']],
			[
				'an override for an unknown contact',
				{ ...rotation, overrides: [{ who: 'nobody', from: inHours(1), to: inHours(2) }] },
				['overrides.0.who'],
			],
			['a zone that does not exist', { ...rotation, time_zone: 'Mars/Base' }, ['time_zone']],
			['a handover without its weekday', { ...rotation, handover: '09:00' }, ['handover']],
			['a calendar that is no URL', { ...rotation, ical_url: 'calendar' }, ['ical_url']],
			[
				'a calendar at an address inside',
				{ ...rotation, ical_url: 'http://169.254.169.254/x' },
				['ical_url'],
			],
			[
				'a calendar of another kind',
				{ ...rotation, ical_url: 'webcal://example.com/x' },
				['ical_url'],
			],
		])('of an on-call: %s', async (_what, body, paths) => {
			expect(await errorsOf(runner.post('/on-call', body))).toEqual(wrong(...paths));
			expect((await runner.get('/on-call/new')).status).toBe(404);
		});

		const step = { after_s: 0, notify: ['contact:chief'] };
		it.each([
			['no steps', { name: 'new', steps: [] }, ['steps']],
			['a step for nobody', { name: 'new', steps: [{ ...step, notify: [] }] }, ['steps.0.notify']],
			[
				'an unknown contact',
				{ name: 'new', steps: [step, { ...step, notify: ['contact:nobody'] }] },
				['steps.1.notify.0'],
			],
			[
				'an unknown on-call',
				{ name: 'new', steps: [{ ...step, notify: ['on_call:nobody'] }] },
				['steps.0.notify.0'],
			],
			[
				'an unknown channel',
				{ name: 'new', steps: [{ ...step, notify: ['pigeon'] }] },
				['steps.0.notify.0'],
			],
			[
				'an unknown connection',
				{ name: 'new', steps: [{ ...step, notify: ['console:other'] }] },
				['steps.0.notify.0'],
			],
			[
				'a policy in place of a party',
				{ name: 'new', steps: [{ ...step, notify: ['policy:new'] }] },
				['steps.0.notify.0'],
			],
			[
				'a condition that nothing reports',
				{ name: 'new', steps: [step, { ...step, when: 'not_opened' }] },
				['steps.1.when'],
			],
			['ten repeats', { name: 'new', steps: [step], repeat: 10 }, ['repeat']],
			[
				'a step after more than a week',
				{ name: 'new', steps: [{ ...step, after_s: 604_801 }] },
				['steps.0.after_s'],
			],
			[
				'nobody to tell at the end',
				{ name: 'new', steps: [step], on_exhausted: { notify: ['contact:nobody'] } },
				['on_exhausted.notify.0'],
			],
		])('of a policy: %s', async (_what, body, paths) => {
			expect(await errorsOf(runner.post('/policies', body))).toEqual(wrong(...paths));
			expect((await runner.get('/policies/new')).status).toBe(404);
		});

		it('of a change', async () => {
			const before = await contact('anna', {
				rules: { default: [{ channel: 'console', after_s: 0 }] },
			});
			const change = (path: string, body: object) => errorsOf(runner.call('PATCH', path, body));
			const mail = [{ channel: 'email', address: 'a@b.example' }];
			expect(await change('/contacts/anna', { addresses: mail })).toEqual(
				wrong('rules.default.0.channel'),
			);
			expect(await change('/contacts/anna', { id: 'ben' })).toEqual(wrong('id'));
			expect(await change('/contacts/anna', { name: null })).toEqual(wrong('name'));
			expect(await change('/contacts/anna', { time_zone: 'Mars/Base' })).toEqual(
				wrong('time_zone'),
			);
			expect((await runner.get('/contacts/anna')).body).toEqual(before);
			const primary = await onCall('primary');
			expect(await change('/on-call/primary', { members: ['nobody'] })).toEqual(wrong('members.0'));
			expect(await change('/on-call/primary', { members: null })).toEqual(wrong('members'));
			expect(await change('/on-call/primary', { ical_url: 'http://10.0.0.1/' })).toEqual(
				wrong('ical_url'),
			);
			expect((await runner.get('/on-call/primary')).body).toEqual(primary);
			await policy('critical', ['contact:chief']);
			expect(await change('/policies/critical', { repeat: -1 })).toEqual(wrong('repeat'));
		});
	});

	describe('409', () => {
		it('for a name that is taken', async () => {
			await contact('anna');
			const again = await runner.post('/contacts', { id: 'anna', name: 'x', addresses: [ADDRESS] });
			expect([again.status, again.body.reason]).toEqual([409, 'taken']);
			expect((await runner.get('/contacts/anna')).body.name).toBe('anna');
		});

		it.each([
			['/contacts', 'chief', 'contacts.0', { id: 'chief', name: 'x', addresses: [ADDRESS] }],
			['/on-call', 'always', 'on_call.0', { name: 'always', members: ['chief'] }],
			[
				'/policies',
				'last',
				'policies.0',
				{ name: 'last', steps: [{ after_s: 0, notify: ['console'] }] },
			],
		])('for what the config owns, with its place: %s', async (list, name, place, body) => {
			const answers = [
				await runner.post(list, body),
				await runner.call('PATCH', `${list}/${name}`, {}),
				await runner.call('DELETE', `${list}/${name}`),
			];
			for (const answer of answers) {
				expect([answer.status, answer.body]).toMatchObject([
					409,
					{ reason: 'config', place, detail: expect.stringContaining(`config file, at ${place}`) },
				]);
			}
			expect((await runner.get(`${list}/${name}`)).body.source).toBe('config');
		});

		it('for an override of an on-call that the config owns', async () => {
			const body = { who: 'chief', from: inHours(0), to: inHours(1) };
			const { status, body: problem } = await runner.post('/on-call/always/overrides', body);
			expect([status, problem.place]).toEqual([409, 'on_call.0']);
		});

		it('for the removal of what others name, which it lists', async () => {
			await contact('anna');
			await onCall('primary', { members: ['anna'] });
			await policy('critical', ['contact:anna', 'on_call:primary']);
			const refused = await runner.call('DELETE', '/contacts/anna');
			expect([refused.status, refused.body]).toMatchObject([
				409,
				{
					reason: 'in_use',
					detail:
						'The contact "anna" is used by on-call "primary", policy "critical"; change that first',
					used_by: [
						{ kind: 'on_call', name: 'primary' },
						{ kind: 'policy', name: 'critical' },
					],
				},
			]);
			const duty = await runner.call('DELETE', '/on-call/primary');
			expect([duty.status, duty.body.used_by]).toEqual([
				409,
				[{ kind: 'policy', name: 'critical' }],
			]);
			expect((await runner.call('DELETE', '/policies/critical')).status).toBe(204);
			expect((await runner.call('DELETE', '/on-call/primary')).status).toBe(204);
			expect((await runner.call('DELETE', '/contacts/anna')).status).toBe(204);
		});
	});

	it('are not removed while an incident that is not over uses them', async () => {
		await contact('anna');
		await onCall('primary', { members: ['chief'] });
		await policy('critical', ['contact:anna', 'on_call:primary']);
		const sent = await runner.post('/send', { message: 'm', escalation: 'critical' });
		expect([sent.status, sent.body.errors]).toEqual([202, undefined]);
		const { id } = sent.body.incident;
		const policyInUse = await runner.call('DELETE', '/policies/critical');
		expect([policyInUse.status, policyInUse.body]).toMatchObject([
			409,
			{ reason: 'in_use', used_by: [{ kind: 'incident', name: id }] },
		]);
		const names: unknown[] = [];
		for (const path of ['/contacts/anna', '/on-call/primary']) {
			const { status, body } = await runner.call('DELETE', path);
			names.push([status, body.detail]);
		}
		const users = `policy "critical", incident "${id}"`;
		expect(names).toEqual([
			[409, `The contact "anna" is used by ${users}; change that first`],
			[409, `The on-call "primary" is used by ${users}; change that first`],
		]);
		// The policy may change: the incident has its own copy.
		const changed = await runner.call('PATCH', '/policies/critical', { repeat: 1 });
		expect([changed.status, changed.body.repeat]).toEqual([200, 1]);

		await runner.post(`/notifications/${sent.body.notification_id}/cancel`, {});
		for (const path of ['/policies/critical', '/on-call/primary', '/contacts/anna']) {
			expect((await runner.call('DELETE', path)).status).toBe(204);
		}
	});

	it('are removed by one of two callers, and never while another begins to name them', async () => {
		await contact('anna');
		const twice = await Promise.all([
			runner.call('DELETE', '/contacts/anna'),
			runner.call('DELETE', '/contacts/anna'),
		]);
		expect(twice.map(({ status }) => status).sort()).toEqual([204, 404]);
		for (let i = 0; i < 5; i++) {
			await contact('anna');
			const [removed, named] = await Promise.all([
				runner.call('DELETE', '/contacts/anna'),
				runner.post('/on-call', { name: `race-${i}`, members: ['anna'] }),
			]);
			made.push(`/on-call/race-${i}`);
			expect([
				[204, 422],
				[409, 201],
			]).toContainEqual([removed.status, named.status]);
			await runner.call('DELETE', `/on-call/race-${i}`);
			await runner.call('DELETE', '/contacts/anna');
		}
	});
});

it('that cannot be read any more are named in the log and in the answer, and are made anew', async () => {
	const runner = await startRunner();
	try {
		const anna = { id: 'anna', name: 'Anna', addresses: [ADDRESS] };
		await runner.post('/contacts', anna);
		await runner.post('/contacts', { ...anna, id: 'ben' });
		await runner.kill('SIGTERM');
		const db = new DatabaseSync(runner.database);
		db.exec("UPDATE directory_entries SET body = '{' WHERE name = 'anna'");
		db.close();
		await runner.start();
		const listed = (await runner.get('/contacts')).body.contacts;
		expect(listed.map(({ id }: { id: string }) => id)).toEqual(['ben']);
		await runner.get('/on-call');
		expect(runner.log()).toContain('"kind":"contact","entry":"anna"');
		const changed = await runner.call('PATCH', '/contacts/anna', { name: 'A' });
		expect([changed.status, changed.body.reason]).toEqual([409, 'damaged']);
		expect((await runner.post('/contacts', anna)).status).toBe(201);
		expect((await runner.get('/contacts/anna')).body).toMatchObject(anna);
	} finally {
		await runner.dispose();
	}
});

it('are at most 1,000 of each kind, so that all of them fit into memory', async () => {
	const runner = await startRunner();
	try {
		const make = (i: number) =>
			runner.post('/contacts', { id: `c${i}`, name: 'n', addresses: [ADDRESS] });
		for (let i = 0; i < 1_000; i += 50) {
			const made = await Promise.all(Array.from({ length: 50 }, (_, k) => make(i + k)));
			expect(made.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 201));
		}
		const refused = await make(1_000);
		expect([refused.status, refused.body]).toMatchObject([
			409,
			{ reason: 'limit', detail: expect.stringContaining('1000 contacts') },
		]);
		expect((await runner.get('/contacts?limit=1000')).body.contacts).toHaveLength(1_000);
		const policy = { name: 'p', steps: [{ after_s: 0, notify: ['contact:c999'] }] };
		expect((await runner.post('/policies', policy)).status).toBe(201);
	} finally {
		await runner.dispose();
	}
});
