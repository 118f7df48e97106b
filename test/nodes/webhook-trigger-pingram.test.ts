import type { PackageDirectoryLoader } from 'n8n-core';
import { EventsWebhookUpsertRequestEventsEnum as PingramEvents } from 'pingram';
import { type FakePingramWebhooks, startPingramWebhooks } from '../fakes/pingram.ts';
import { pingram as scene } from '../support/webhooks/pingram.ts';
import { loadPackage } from './n8n/package.ts';
import { hostTrigger, type TriggerHost, type TriggerSetup } from './n8n/trigger-host.ts';

const ELSEWHERE = { webhook: 'https://elsewhere.example.com/hook', events: ['SMS_FAILED'] };

let loader: PackageDirectoryLoader;
let pingram: FakePingramWebhooks;
const hosts: TriggerHost[] = [];

beforeAll(async () => {
	loader = await loadPackage();
});

beforeEach(async () => {
	pingram = await startPingramWebhooks();
});

afterEach(async () => {
	jest.restoreAllMocks();
	await Promise.all([...hosts.splice(0), pingram].map(async (one) => await one.close()));
});

async function host({ parameters, ...setup }: TriggerSetup = {}): Promise<TriggerHost> {
	const started = await hostTrigger(loader, {
		parameters: { provider: 'pingram', ...parameters },
		credentials: { pingramApi: { apiKey: pingram.apiKey, baseUrl: pingram.url } },
		...setup,
	});
	hosts.push(started);
	return started;
}

/** An event as Pingram signs it with a secret, or with the one that it has now. */
async function receive({ url }: TriggerHost, secret = pingram.current()!.secret): Promise<number> {
	const at = Math.floor(Date.now() / 1000);
	const { headers, body } = await scene.sign({ secret, at, url });
	const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
	return response.status;
}

/** Sends the clock of the node on, past what it keeps in memory. */
function later(ms: number): void {
	const now = Date.now() + ms;
	jest.spyOn(Date, 'now').mockImplementation(() => now);
}

describe('activating the workflow', () => {
	it('has Pingram call it, and verifies with the secret that Pingram told', async () => {
		const trigger = await host();
		expect(await trigger.hook('checkExists')).toBe(false);
		expect(await trigger.hook('create')).toBe(true);
		expect(pingram.current()).toMatchObject({ webhook: trigger.url });
		expect([...pingram.current()!.events].sort()).toEqual(Object.values(PingramEvents).sort());
		expect(await receive(trigger)).toBe(200);
		expect(await receive(trigger, 'pingram_whsec_guessed')).toBe(401);
		expect(trigger.executions).toHaveLength(1);
		expect(await trigger.hook('checkExists')).toBe(true);
	});

	it('asks for the events that were chosen', async () => {
		const trigger = await host({ parameters: { events: ['notification.delivered'] } });
		await trigger.hook('create');
		expect(pingram.current()!.events).toEqual(['EMAIL_DELIVERED', 'SMS_DELIVERED']);
	});

	it('gets a changed choice of events, and keeps the secret', async () => {
		const trigger = await host({ parameters: { events: ['notification.delivered'] } });
		await trigger.hook('create');
		pingram.configure({ webhook: trigger.url, events: ['SMS_FAILED'] });
		expect(await trigger.hook('checkExists')).toBe(true);
		expect(pingram.current()!.events).toEqual(['EMAIL_DELIVERED', 'SMS_DELIVERED']);
		expect(await receive(trigger)).toBe(200);
	});

	it('says what to do when the key is not accepted', async () => {
		const credentials = { pingramApi: { apiKey: 'pingram_sk_wrong', baseUrl: pingram.url } };
		const trigger = await host({ credentials });
		await expect(trigger.hook('create')).rejects.toThrow('does not accept the API key');
		expect(pingram.current()).toBeUndefined();
	});

	it('fails while Pingram does not answer, and leaves what is there', async () => {
		pingram.configure(ELSEWHERE);
		pingram.answer({ status: 500 });
		const trigger = await host();
		await expect(trigger.hook('create')).rejects.toThrow('it answered 500');
		expect(pingram.current()).toMatchObject(ELSEWHERE);
	});

	it.each([
		['a page', { status: 200, body: '<html>Sign in</html>' }],
		['a refusal', { status: 200, body: '{"success":false}' }],
	])('does not take %s for an account without a webhook', async (_what, answer) => {
		pingram.configure(ELSEWHERE);
		pingram.answer(answer);
		const trigger = await host();
		await expect(trigger.hook('create')).rejects.toThrow('200');
		expect(pingram.current()).toMatchObject(ELSEWHERE);
	});

	it('registers nothing where the webhook is set up by hand', async () => {
		const trigger = await host({ parameters: { registration: 'manual' } });
		expect(await trigger.hook('checkExists')).toBe(true);
		expect(await trigger.hook('create')).toBe(true);
		expect(await trigger.hook('delete')).toBe(true);
		expect(pingram.requests).toEqual([]);
	});
});

describe('deactivating the workflow', () => {
	it('removes the webhook where there was none before', async () => {
		const trigger = await host();
		await trigger.hook('create');
		expect(await trigger.hook('delete')).toBe(true);
		expect(pingram.current()).toBeUndefined();
		expect(trigger.staticData).toEqual({});
	});

	it('puts back what was configured before', async () => {
		pingram.configure(ELSEWHERE);
		const trigger = await host();
		await trigger.hook('create');
		expect(pingram.current()!.webhook).toBe(trigger.url);
		expect(await trigger.hook('delete')).toBe(true);
		expect(pingram.current()).toMatchObject(ELSEWHERE);
	});

	it('leaves what somebody else configured since', async () => {
		const trigger = await host();
		await trigger.hook('create');
		pingram.configure(ELSEWHERE);
		expect(await trigger.hook('delete')).toBe(true);
		expect(pingram.current()).toMatchObject(ELSEWHERE);
	});

	it('keeps what it knows while Pingram does not answer', async () => {
		const trigger = await host();
		await trigger.hook('create');
		pingram.answer({ status: 503 });
		expect(await trigger.hook('delete')).toBe(false);
		expect(await trigger.hook('delete')).toBe(true);
		expect(pingram.current()).toBeUndefined();
	});
});

describe('when n8n starts', () => {
	it('stays active while Pingram does not answer', async () => {
		const trigger = await host();
		await trigger.hook('create');
		const before = { ...trigger.staticData };
		pingram.answer({ status: 500 });
		expect(await trigger.hook('checkExists', 'init')).toBe(true);
		expect(trigger.staticData).toEqual(before);
	});

	it('leaves what somebody else configured since', async () => {
		const trigger = await host();
		await trigger.hook('create');
		pingram.configure(ELSEWHERE);
		expect(await trigger.hook('checkExists', 'init')).toBe(true);
		expect(pingram.current()).toMatchObject(ELSEWHERE);
	});

	it('registers again where nothing is configured any more', async () => {
		const trigger = await host();
		await trigger.hook('create');
		pingram.configure(undefined);
		expect(await trigger.hook('checkExists', 'init')).toBe(false);
		expect(await trigger.hook('create', 'init')).toBe(true);
		expect(await receive(trigger)).toBe(200);
	});
});

describe('listening for a test event', () => {
	const nodeId = 'pingram-node';

	it('has the webhook meanwhile, and gives it back to the active workflow, which learns the new secret', async () => {
		const production = await host({ nodeId });
		await production.hook('create');
		const n8nUrl = new URL(production.url).origin;
		const test = await host({ nodeId, n8nUrl, mode: 'manual' });
		expect(await test.hook('checkExists')).toBe(false);
		expect(await test.hook('create')).toBe(true);
		expect(pingram.current()!.webhook).toBe(test.url);
		expect(await test.hook('delete')).toBe(true);
		expect(pingram.current()!.webhook).toBe(production.url);
		later(31_000);
		expect(await receive(production)).toBe(200);
	});

	it('that never ended does not keep the active workflow from its events', async () => {
		pingram.configure(ELSEWHERE);
		const production = await host({ nodeId });
		await production.hook('create');
		const n8nUrl = new URL(production.url).origin;
		const interrupted = await host({ nodeId, n8nUrl, mode: 'manual' });
		await interrupted.hook('create');
		expect(await production.hook('checkExists', 'init')).toBe(false);
		expect(await production.hook('create', 'init')).toBe(true);
		expect(pingram.current()!.webhook).toBe(production.url);
		await production.hook('delete');
		expect(pingram.current()).toMatchObject(ELSEWHERE);
	});
});

it('asks Pingram for the secret at most twice a minute, however many requests are forged', async () => {
	const trigger = await host();
	await trigger.hook('create');
	const before = pingram.requests.length;
	const forged = Array.from({ length: 10 }, (_, at) => receive(trigger, `guess-${at}`));
	expect(await Promise.all(forged)).toEqual(Array(10).fill(401));
	expect(pingram.requests.length - before).toBe(1);
});
