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
});
