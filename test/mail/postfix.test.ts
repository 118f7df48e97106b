import { type RunnerProcess, startRunner } from '../support/runner-process.ts';
import {
	startPostfix,
	startPostgrey,
	type TemporaryPostfix,
	type TemporaryPostgrey,
} from '../support/temporary-postfix.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Seconds for which postgrey refuses what it does not know. */
const GREY_S = 4;
const GOOD = Array.from({ length: 5 }, (_, i) => `good${i}@example.com`);

let postgrey: TemporaryPostgrey;
let postfix: TemporaryPostfix;
let runner: RunnerProcess;

// The packages are installed here, where they are missing.
beforeAll(async () => {
	postgrey = await startPostgrey(GREY_S, GOOD);
	const recipients = (...rules: string[]) => ({
		smtpd_recipient_restrictions: [...rules, 'permit'].join(', '),
	});
	postfix = await startPostfix({
		slow: recipients('sleep 1'),
		full: recipients(
			'check_recipient_access inline:{{full@example.com=450 4.2.2 The mailbox is full}}',
		),
		grey: recipients(`check_policy_service inet:127.0.0.1:${postgrey.port}`),
		narrow: { smtpd_client_connection_count_limit: '1' },
	});
}, 600_000);
afterAll(() => {
	postfix.stop();
	postgrey.stop();
});
afterEach(() => runner.dispose());

async function start(service: string, retry: object): Promise<void> {
	const smtp = { host: '127.0.0.1', port: postfix.ports[service] };
	runner = await startRunner({
		connections: [{ name: 'mail', channel: 'email', smtp, from: 'Ops <ops@example.org>' }],
		retry: { jitter: 0, timeout_s: 10, ...retry },
	});
}

interface Sent {
	readonly recipient: string;
	readonly id: string;
}

async function sendTo(recipients: readonly string[]): Promise<readonly Sent[]> {
	const sends = recipients.map((recipient) => ({
		message: 'The pump stopped',
		channels: ['email'],
		recipient,
	}));
	const { status, body } = await runner.post('/send/batch', { sends });
	expect(status).toBe(200);
	const results: readonly { notification_id: string }[] = body.results;
	return results.map(({ notification_id }, i) => ({
		recipient: recipients[i] ?? '',
		id: notification_id,
	}));
}

/** How each of them ended: its status, and the errors of its attempts. */
async function ends(sent: readonly Sent[], limitMs: number) {
	return await waitUntil(
		`${sent.length} mails have ended`,
		async () => {
			const found = await Promise.all(sent.map(({ id }) => runner.get(`/notifications/${id}`)));
			const all = found.map(({ body }) => ({
				id: String(body.deliveries[0].id),
				status: String(body.status),
				errors: (body.deliveries[0].attempts as readonly { error?: { message: string } }[]).map(
					({ error }) => error?.message ?? 'delivered',
				),
			}));
			return all.every(({ status }) => ['delivered', 'failed'].includes(status)) ? all : undefined;
		},
		limitMs,
	);
}

const statuses = (all: readonly { readonly status: string }[]): Readonly<Record<string, number>> =>
	Object.fromEntries(
		[...new Set(all.map(({ status }) => status))].map((status) => [
			status,
			all.filter((one) => one.status === status).length,
		]),
	);

async function connectionStatus(): Promise<string> {
	const { body } = await runner.get('/connections');
	const all: readonly { channel: string; status: string }[] = body.connections;
	return all.find(({ channel }) => channel === 'email')?.status ?? 'none';
}

const many = (count: number, name: string): string[] =>
	Array.from({ length: count }, (_, i) => `${name}${i}@example.com`);

it('150 mails to a Postfix that takes a second for each are delivered at the first attempt', async () => {
	await start('slow', { delays_s: [] });
	const sent = await sendTo(many(150, 'slow'));
	const all = await ends(sent, 120_000);
	expect(statuses(all)).toEqual({ delivered: 150 });
	expect(all.every(({ errors }) => errors.length === 1)).toBe(true);
	const taken = [...postfix.taken()].join(' ');
	expect(all.filter(({ id }) => !taken.includes(id))).toEqual([]);
}, 150_000);

it('5 mails are delivered within 5 s beside 200 that are greylisted, which arrive with their retries', async () => {
	await start('grey', { delays_s: [GREY_S + 2, 20] });
	const grey = await sendTo(many(200, 'grey'));
	const since = Date.now();
	const good = await ends(await sendTo(GOOD), 60_000);
	expect(Date.now() - since).toBeLessThan(5_000);
	expect(good.map(({ errors }) => errors)).toEqual(Array(5).fill(['delivered']));
	const all = await ends(grey, 90_000);
	expect(statuses(all)).toEqual({ delivered: 200 });
	expect(all.every(({ errors }) => errors[0]?.includes('Greylisted'))).toBe(true);
	expect(all.filter(({ errors }) => errors.length > 3)).toEqual([]);
	expect(await connectionStatus()).toBe('ok');
}, 150_000);

it('one full mailbox stops no mail to others', async () => {
	await start('full', { delays_s: [1, 1, 1] });
	const full = await sendTo(Array<string>(200).fill('full@example.com'));
	const since = Date.now();
	const good = await ends(await sendTo(GOOD), 60_000);
	expect(Date.now() - since).toBeLessThan(5_000);
	expect(good.map(({ errors }) => errors)).toEqual(Array(5).fill(['delivered']));
	expect(await connectionStatus()).toBe('ok');
	expect(statuses(await ends(full, 90_000))).toEqual({ failed: 200 });
	expect(await connectionStatus()).toBe('ok');
}, 150_000);

it('a limit of one connection for each client costs no mail an attempt', async () => {
	await start('narrow', { delays_s: [] });
	const all = await ends(await sendTo(many(20, 'narrow')), 60_000);
	expect(statuses(all)).toEqual({ delivered: 20 });
}, 90_000);
