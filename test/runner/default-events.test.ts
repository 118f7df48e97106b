import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { PROFILE_IDS, PROFILES } from '@sureping/engine';
import {
	FORMER_DEFAULTS,
	HAS_FORMER_DEFAULT,
} from '../../runner/store/rows/former-default-events.ts';
import { type RunnerProcess, startRunner } from '../support/runner-process.ts';

const SECRET = 'whsec_endpoint_0123456789';
const FORMER = ['notification.delivered', 'notification.failed'];

interface Listed {
	readonly id: string;
	readonly name: string;
	readonly events: readonly string[];
}

const config = {
	endpoints: [
		{ name: 'default', url: 'http://127.0.0.1:9/default', secret: SECRET },
		{ name: 'named', url: 'http://127.0.0.1:9/named', secret: SECRET, events: FORMER },
		{ name: 'all', url: 'http://127.0.0.1:9/all', secret: SECRET, events: ['*'] },
	],
};

let runner: RunnerProcess;
beforeEach(async () => {
	runner = await startRunner(config);
});
afterEach(() => runner.dispose());

const all = PROFILES.sureping.defaultEvents;
const eventsOf = async (name: string): Promise<readonly string[] | undefined> => {
	const { endpoints } = (await runner.get('/endpoints')).body as { endpoints: Listed[] };
	return endpoints.find((endpoint) => endpoint.name === name)?.events;
};

/** As if those who have what their format gives had been made when there were fewer types. */
async function restartFromEarlier(next: Record<string, unknown> = config): Promise<void> {
	await runner.kill('SIGTERM');
	const database = new DatabaseSync(runner.database);
	database
		.prepare('UPDATE endpoints SET events = ? WHERE events_chosen = 0')
		.run(JSON.stringify(FORMER));
	database.close();
	runner.reconfigure(next);
	await runner.start();
}

describe('an endpoint made without events', () => {
	it('of the config file keeps the types that it has until something of it changes there', async () => {
		expect(await eventsOf('default')).toEqual(all);
		await restartFromEarlier();
		expect(await eventsOf('default')).toEqual(FORMER);
		expect(await eventsOf('named')).toEqual(FORMER);
		expect(await eventsOf('all')).toEqual(['*']);

		const [first, ...others] = config.endpoints;
		await restartFromEarlier({ endpoints: [{ ...first, ack: 'strict-200' }, ...others] });
		expect(await eventsOf('default')).toEqual(all);
		expect(await eventsOf('named')).toEqual(FORMER);
	});

	it('of the API gets new types when it is changed, unless it has named its own by then', async () => {
		const made = async (name: string, more: object = {}): Promise<string> =>
			(
				await runner.post('/endpoints', {
					name,
					url: `http://127.0.0.1:9/${name}-${randomBytes(3).toString('hex')}`,
					...more,
				})
			).body.id;
		const [a, b, c] = [await made('a'), await made('b'), await made('c', { events: FORMER })];
		await restartFromEarlier();
		expect(await eventsOf('a')).toEqual(FORMER);
		await runner.call('PATCH', `/endpoints/${a}`, { ack: 'strict-200' });
		expect(await eventsOf('a')).toEqual(all);
		await runner.call('PATCH', `/endpoints/${b}`, { events: ['notification.failed'] });
		await runner.call('PATCH', `/endpoints/${b}`, { ack: 'strict-200' });
		expect(await eventsOf('b')).toEqual(['notification.failed']);
		await runner.call('PATCH', `/endpoints/${c}`, { ack: 'strict-200' });
		expect(await eventsOf('c')).toEqual(FORMER);
	});
});

describe('endpoints from before it was kept whether somebody had named their events', () => {
	it('count as made without when they have exactly what their format gave then', () => {
		const database = new DatabaseSync(':memory:');
		database.exec('CREATE TABLE endpoints (profile TEXT, events TEXT)');
		const insert = database.prepare('INSERT INTO endpoints VALUES (?, ?)');
		const later = ['notification.undelivered', 'notification.loop_stopped'];
		const formats = PROFILE_IDS.filter((id) => Object.hasOwn(FORMER_DEFAULTS, id));
		for (const profile of formats) {
			const then = PROFILES[profile].defaultEvents.filter(
				(type) => !later.includes(type) && !type.startsWith('escalation.'),
			);
			insert.run(profile, JSON.stringify(then));
			insert.run(profile, JSON.stringify(then.slice(1)));
		}
		const found = database
			.prepare(`SELECT count(*) AS n FROM endpoints WHERE ${HAS_FORMER_DEFAULT}`)
			.get();
		expect(found?.n).toBe(Object.keys(FORMER_DEFAULTS).length);
		database.close();
	});
});
