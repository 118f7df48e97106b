import {
	accept,
	type AddressBook,
	type CatalogEntry,
	DEFAULT_RETRY,
	holdBack,
	openConnection,
	planSend,
	problemsBeyond,
	type PlanResult,
	type SendRequest,
} from '@sureping/engine';
import { countingIds, T0 } from '../../support/dispatch-scene.ts';

function entry(channel: string, name: string, settings: Record<string, unknown>): CatalogEntry {
	const opened = openConnection(channel, name, settings);
	if (!opened.ok) throw new Error(JSON.stringify(opened.issues));
	return { channel, name, connection: opened.connection, policy: DEFAULT_RETRY };
}

const CATALOG: readonly CatalogEntry[] = [
	entry('telegram', 'bot', { bot_token: '123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11' }),
	entry('telegram', 'second', { bot_token: '123457:ABC-DEF1234ghIkl-zyx57W2v1u123ew11' }),
	entry('email', 'mail', { resend: { api_key: 're_1' }, from: 'ops@example.com' }),
	entry('slack', 'room', { webhook_url: 'https://hooks.slack.com/services/T1/B1/secret' }),
];

const ANNA = {
	id: 'anna',
	addresses: [
		{ channel: 'email', address: 'anna@example.com' },
		{ channel: 'telegram', address: '111' },
		{ channel: 'telegram', address: '999' },
		{ channel: 'telegram', connection: 'second', address: '222' },
	],
};
const BEN = { id: 'ben', addresses: [{ channel: 'telegram', address: '333' }] };
const CARA = { id: 'cara', addresses: [{ channel: 'email', address: 'cara@example.com' }] };

function book(more: Partial<AddressBook> = {}): AddressBook {
	const contacts = more.contacts ?? [ANNA, BEN, CARA];
	return {
		contacts,
		contact: (id) => contacts.find((one) => one.id === id),
		duty: (name) => (name === 'primary' ? { who: ['ben'] } : undefined),
		quietUntil: () => undefined,
		...more,
	};
}

const plan = (
	request: Partial<SendRequest>,
	people: AddressBook | undefined = book(),
): PlanResult =>
	planSend(
		{ message: 'The pump stopped', channels: ['telegram'], ...request },
		CATALOG,
		T0,
		people,
	);

function targets(request: Partial<SendRequest>, people?: AddressBook) {
	const result = plan(request, people);
	if (!result.ok) throw new Error(JSON.stringify(result.problems));
	return result.plan.targets.map(({ channel, connection, recipient, contactId }) => ({
		to: `${channel}:${connection} ${recipient}`,
		contactId,
	}));
}

const problems = (request: Partial<SendRequest>, people?: AddressBook) => {
	const result = plan(request, people);
	return result.ok ? [] : result.problems;
};

describe('a contact as the recipient', () => {
	it('is reached at the first address for the connection, else for the channel', () => {
		expect(
			targets({ channels: ['telegram', 'telegram:second', 'email'], recipient: 'contact:anna' }),
		).toEqual([
			{ to: 'telegram:bot 111', contactId: 'anna' },
			{ to: 'telegram:second 222', contactId: 'anna' },
			{ to: 'email:mail anna@example.com', contactId: 'anna' },
		]);
	});

	it('may be a member of an object, beside addresses', () => {
		const recipient = { telegram: 'contact:ben', email: 'someone@example.com' };
		expect(targets({ channels: ['telegram', 'email'], recipient })).toEqual([
			{ to: 'telegram:bot 333', contactId: 'ben' },
			{ to: 'email:mail someone@example.com', contactId: undefined },
		]);
	});

	it('leaves a connection alone that is an address itself, unless the contact has an address there', () => {
		const channels = ['slack', 'telegram'];
		expect(targets({ channels, recipient: 'contact:ben' })).toEqual([
			{ to: 'slack:room room', contactId: undefined },
			{ to: 'telegram:bot 333', contactId: 'ben' },
		]);
		const own = { id: 'ben', addresses: [...BEN.addresses, { channel: 'slack', address: 'ben' }] };
		expect(
			targets({ channels, recipient: 'contact:ben' }, book({ contacts: [own] })),
		).toContainEqual({ to: 'slack:room ben', contactId: 'ben' });
		expect(problems({ channels: ['slack'], recipient: { slack: 'contact:ben' } })).toEqual([
			{ path: 'recipient', message: 'contact ben has no address for slack' },
		]);
	});

	it('is refused for each channel on which it has no address', () => {
		expect(
			problems({ channels: ['email'], fallback_channels: ['telegram'], recipient: 'contact:ben' }),
		).toEqual([{ path: 'recipient', message: 'contact ben has no address for email' }]);
		expect(
			problems({
				channels: ['email', 'telegram'],
				recipient: { email: 'contact:ben', telegram: 'contact:cara' },
			}),
		).toEqual([
			{ path: 'recipient', message: 'contact ben has no address for email' },
			{ path: 'recipient', message: 'contact cara has no address for telegram' },
		]);
	});

	it('is refused once where there is no such contact, and where its address does not fit', () => {
		expect(problems({ channels: ['telegram', 'email'], recipient: 'contact:dora' })).toEqual([
			{ path: 'recipient', message: 'there is no contact dora' },
		]);
		const wrong = { id: 'ben', addresses: [{ channel: 'telegram', address: 'Ben' }] };
		expect(problems({ recipient: 'contact:ben' }, book({ contacts: [wrong] }))).toEqual([
			{
				path: 'recipient',
				message: expect.stringMatching(
					/^the address of contact ben must be a Telegram chat id.* \(for telegram\)$/,
				),
			},
		]);
	});

	it('is left aside while a body has other mistakes, as contacts have to be read first', () => {
		const beyond = (recipient: unknown) =>
			problemsBeyond({ message: '', channels: ['telegram', 'email'], recipient }, CATALOG, T0);
		expect(beyond('contact:dora')).toEqual([]);
		expect(beyond({ telegram: '111', email: 'contact:dora' })).toEqual([]);
		expect(beyond({ telegram: '111', email: 'dora' })).toMatchObject([{ path: 'recipient' }]);
	});

	it('needs a host that keeps contacts', () => {
		const result = planSend(
			{ message: 'x', channels: ['telegram'], recipient: 'contact:anna' },
			CATALOG,
			T0,
		);
		expect(result).toEqual({
			ok: false,
			problems: [
				{
					path: 'recipient',
					message: 'contact:anna needs a runner, which keeps contacts; give an address',
				},
			],
		});
	});
});

describe('an on-call as the recipient', () => {
	it('is whoever is on call now', () => {
		expect(targets({ recipient: 'on_call:primary' })).toEqual([
			{ to: 'telegram:bot 333', contactId: 'ben' },
		]);
		const both = book({ duty: () => ({ who: ['anna', 'ben', 'cara'] }) });
		// Cara has no Telegram.
		expect(
			targets({ recipient: 'on_call:primary' }, both).map(({ contactId }) => contactId),
		).toEqual(['anna', 'ben']);
	});

	it('is asked for at the time of the send', () => {
		const asked: number[] = [];
		const people = book({
			duty: (_name, at) => {
				asked.push(at);
				return { who: ['ben'] };
			},
		});
		targets({ recipient: 'on_call:primary' }, people);
		expect(asked).toEqual([T0]);
	});

	it.each([
		['there is none of this name', { recipient: 'on_call:second' }, 'there is no on-call second'],
		[
			'the send is due later',
			{ recipient: 'on_call:primary', send_at: new Date(T0 + 60_000).toISOString() },
			'on_call:primary cannot be sent later, as somebody else may be on call then; leave out send_at, or name a contact',
		],
	])('is refused where %s', (_case, request, message) => {
		expect(problems(request)).toEqual([{ path: 'recipient', message }]);
	});

	it('is refused with the reason where nobody is on call, or whoever is has no address', () => {
		const recipient = 'on_call:primary';
		const nobody = book({ duty: () => ({ who: [], nobody: 'its window is closed' }) });
		expect(problems({ recipient }, nobody)).toEqual([
			{ path: 'recipient', message: 'nobody is on call in primary: its window is closed' },
		]);
		expect(problems({ recipient, channels: ['email'] })).toEqual([
			{ path: 'recipient', message: 'contact ben has no address for email' },
		]);
	});
});

describe('an address of a contact as the recipient', () => {
	it('stands for the contact on channels whose form it does not fit', () => {
		expect(targets({ channels: ['email', 'telegram'], recipient: 'anna@example.com' })).toEqual([
			{ to: 'email:mail anna@example.com', contactId: undefined },
			{ to: 'telegram:bot 111', contactId: 'anna' },
		]);
	});

	it('is refused as any other address where no contact has it, or several have', () => {
		const [none] = problems({ recipient: 'dora@example.com' });
		expect(none?.message).toMatch(/^must be a Telegram chat id.* \(for telegram\)$/);
		const twin = { ...ANNA, id: 'twin' };
		const [several] = problems({ recipient: 'anna@example.com' }, book({ contacts: [ANNA, twin] }));
		expect(several?.message).toMatch(
			/^must be a Telegram chat id.*, and it is an address of several contacts: contact:anna, contact:twin$/,
		);
		expect(problems({ recipient: 'cara@example.com' })).toEqual([
			{ path: 'recipient', message: 'contact cara has no address for telegram' },
		]);
	});
});

describe('quiet hours', () => {
	const END = T0 + 8 * 3600_000;
	const quiet = book({
		quietUntil: (id, at) => (id === 'anna' && at >= T0 && at < END ? END : undefined),
	});

	function dueTimes(request: Partial<SendRequest>, people = quiet): readonly unknown[] {
		const result = plan(request, people);
		if (!result.ok) throw new Error(JSON.stringify(result.problems));
		return accept(result.plan, T0, countingIds()).notification.deliveries.map(({ dueAt }) => dueAt);
	}

	it('hold what goes to the contact until they end, and nothing else', () => {
		expect(
			dueTimes({
				channels: ['telegram', 'email'],
				recipient: { telegram: 'contact:anna', email: 'anna@example.com' },
			}),
		).toEqual([END, T0]);
		expect(dueTimes({ recipient: 'contact:ben' })).toEqual([T0]);
	});

	it('count at the time for which a send is planned', () => {
		const recipient = 'contact:anna';
		const at = (time: number): string => new Date(time).toISOString();
		expect(dueTimes({ recipient, send_at: at(END - 1) })).toEqual([END]);
		expect(dueTimes({ recipient, send_at: at(END + 1) })).toEqual([END + 1]);
	});

	it('never hold a critical send', () => {
		expect(dueTimes({ recipient: 'contact:anna', priority: 'critical' })).toEqual([T0]);
	});

	it('leave no trace in what is stored but the due time', () => {
		const result = plan({ recipient: 'contact:anna' }, quiet);
		if (!result.ok) throw new Error('refused');
		const [delivery] = accept(result.plan, T0, countingIds()).notification.deliveries;
		expect(Object.keys(delivery ?? {})).not.toContain('notBefore');
		expect(delivery).toMatchObject({ contactId: 'anna', state: 'queued', dueAt: END });
	});

	it('make a delivery due again that began before them, or end it without an attempt', () => {
		const result = plan({ recipient: 'contact:anna', fallback_channels: ['email'] });
		if (!result.ok) throw new Error('refused');
		const newId = countingIds();
		const { notification } = accept(result.plan, T0, newId);
		const id = notification.deliveries[0]?.id ?? '';
		const held = holdBack(notification, id, END, T0, { newId });
		expect(held.events).toEqual([]);
		expect(held.notification.deliveries).toMatchObject([{ state: 'queued', dueAt: END }]);

		const skipped = holdBack(notification, id, 'skip', T0, { newId });
		expect(skipped.events.map(({ event }) => event)).toEqual([
			'notification.failed',
			'notification.queued',
			'notification.fallback',
		]);
		expect(skipped.notification.deliveries).toMatchObject([
			{ state: 'failed', attempts: [], error: { code: 'QUIET_HOURS' } },
			{ channel: 'email', state: 'queued', contactId: 'anna' },
		]);
		expect(holdBack(skipped.notification, id, END, T0, { newId }).notification).toBe(
			skipped.notification,
		);
	});
});
