import { ConfigError } from '../../runner/config/config-error.ts';
import { parseConfig } from '../../runner/config/load.ts';

const KEY = 'sp_test_key_0123456789';

const ANNA = {
	id: 'anna',
	name: 'Anna Berg',
	addresses: [{ channel: 'console', address: 'anna' }],
};
const PRIMARY = { name: 'primary', members: ['anna'] };
const CRITICAL = { name: 'critical', steps: [{ after_s: 0, notify: ['on_call:primary'] }] };

const configOf = (settings: object): ReturnType<typeof parseConfig> =>
	parseConfig(
		JSON.stringify({
			api_keys: [{ name: 'n8n', key: KEY }],
			connections: [{ name: 'ops', channel: 'console' }],
			...settings,
		}),
		'test.json',
		{},
	);

/** The complaints about a config that has these settings. */
function complaints(settings: object): readonly string[] {
	try {
		configOf(settings);
		return [];
	} catch (error) {
		if (error instanceof ConfigError) return error.issues;
		throw error;
	}
}

describe('a config of people', () => {
	it('has contacts, on-calls and policies, with their defaults', () => {
		const config = configOf({ contacts: [ANNA], on_call: [PRIMARY], policies: [CRITICAL] });
		expect(config.contacts).toEqual([ANNA]);
		expect(config.onCalls).toEqual([
			{
				...PRIMARY,
				every: 'week',
				handover: 'Mon 09:00',
				time_zone: 'UTC',
				start: '2024-01-01',
				overrides: [],
			},
		]);
		expect(config.policies).toEqual([
			{
				name: 'critical',
				steps: [
					{ ...CRITICAL.steps[0], when: 'not_acknowledged', ack: 'first', urgency: 'default' },
				],
				repeat: 0,
				repeat_after_s: 300,
			},
		]);
	});

	it('has none where it names none', () => {
		const { contacts, onCalls, policies } = configOf({});
		expect({ contacts, onCalls, policies }).toEqual({ contacts: [], onCalls: [], policies: [] });
	});

	it('may not list a contact, an on-call or a policy twice', () => {
		expect(
			complaints({
				contacts: [ANNA, ANNA],
				on_call: [PRIMARY, PRIMARY],
				policies: [CRITICAL, CRITICAL],
			}),
		).toEqual([
			'contacts.1.id: anna is listed twice',
			'on_call.1.name: primary is listed twice',
			'policies.1.name: critical is listed twice',
		]);
	});

	it('names the id of a contact, since only the API can choose one', () => {
		const { name, addresses } = ANNA;
		expect(complaints({ contacts: [{ name, addresses }] })).toEqual([
			'contacts.0.id: is needed: a string',
		]);
	});

	it('is told of everything that it names and that there is not, all at once', () => {
		expect(
			complaints({
				connections: [
					{
						name: 'bot',
						channel: 'telegram',
						bot_token: '123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11',
					},
				],
				contacts: [
					{
						...ANNA,
						time_zone: 'Europe/Bonn',
						addresses: [
							{ channel: 'telegram', address: 'Anna' },
							{ channel: 'telegram', connection: 'second', address: '1' },
							{ channel: 'email', address: 'anna@example.com' },
						],
						rules: { important: [{ channel: 'sms', after_s: 0 }] },
					},
				],
				on_call: [
					{
						...PRIMARY,
						time_zone: 'Nowhere',
						members: ['anna', 'ben'],
						overrides: [
							{ who: 'cara', from: '2030-12-24T12:00:00+01:00', to: '2030-12-25T12:00:00+01:00' },
						],
					},
				],
				policies: [
					{
						name: 'critical',
						steps: [
							{ after_s: 0, notify: ['on_call:second', 'contact:ben', 'slack', 'telegram:x'] },
						],
						on_exhausted: { notify: ['contact:cara'] },
					},
				],
			}),
		).toEqual([
			expect.stringMatching(/^contacts\.0\.addresses\.0\.address: must be a Telegram chat id/),
			'contacts.0.addresses.1.connection: there is no connection telegram:second; one of: telegram:bot',
			'contacts.0.addresses.2.channel: email has no connection here; one of: telegram',
			'contacts.0.rules.important.0.channel: there is no address for sms; add one to addresses',
			'contacts.0.time_zone: there is no time zone Europe/Bonn; give an IANA name such as "Europe/Berlin"',
			'on_call.0.members.1: there is no contact ben',
			'on_call.0.time_zone: there is no time zone Nowhere; give an IANA name such as "Europe/Berlin"',
			'on_call.0.overrides.0.who: there is no contact cara',
			'policies.0.steps.0.notify.0: there is no on-call second',
			'policies.0.steps.0.notify.1: there is no contact ben',
			'policies.0.steps.0.notify.2: slack has no connection here; one of: telegram',
			'policies.0.steps.0.notify.3: there is no connection telegram:x; one of: telegram:bot',
			'policies.0.on_exhausted.notify.0: there is no contact cara',
		]);
	});

	it('warns once where pages can carry no link', () => {
		const people = { contacts: [ANNA], on_call: [PRIMARY], policies: [CRITICAL] };
		expect(configOf(people).warnings).toEqual([
			expect.stringMatching(/^public_url is not set, so pages carry no link/),
		]);
		expect(configOf({ ...people, public_url: 'https://ping.example.com' }).warnings).toEqual([]);
		expect(configOf({}).warnings).toEqual([]);
	});
});
