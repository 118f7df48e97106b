import { contactSchema, type OnCall, onCallSchema, policySchema } from '@sureping/engine';
import { createDirectory } from '../../runner/directory/index.ts';
import { timeZones } from '../../runner/time-zones.ts';

const contact = (id: string, name = id): ReturnType<typeof contactSchema.parse> =>
	contactSchema.parse({ id, name, addresses: [{ channel: 'console', address: id }] });
const onCall = (name: string, member: string): OnCall =>
	onCallSchema.parse({ name, members: [member] });
const policy = (name: string): ReturnType<typeof policySchema.parse> =>
	policySchema.parse({ name, steps: [{ after_s: 0, notify: ['console'] }] });

const NONE = { contacts: [], onCalls: [], policies: [] };

describe('the directory', () => {
	it('has the entries of the config and of the store, and prefers those of the config', async () => {
		const directory = createDirectory({
			configured: {
				contacts: [contact('anna', 'Anna of the config')],
				onCalls: [onCall('primary', 'anna')],
				policies: [policy('critical')],
			},
			store: {
				directoryEntries: {
					all: async () => ({
						contacts: [contact('anna', 'Anna of the API'), contact('ben')],
						onCalls: [onCall('primary', 'ben'), onCall('secondary', 'ben')],
						policies: [policy('critical'), policy('quiet')],
						broken: [],
					}),
					change: () => Promise.reject(new Error('nothing is changed here')),
				},
			},
			timeZones,
		});
		const snapshot = await directory.snapshot();
		expect(snapshot.contact('anna')?.name).toBe('Anna of the config');
		expect(snapshot.contacts.map(({ id }) => id)).toEqual(['anna', 'ben']);
		expect(snapshot.duty('primary', 0)).toEqual({ who: ['anna'] });
		expect(snapshot.duty('secondary', 0)).toEqual({ who: ['ben'] });
		expect(snapshot.duty('tertiary', 0)).toBeUndefined();
		expect(snapshot.policies.map(({ name }) => name)).toEqual(['critical', 'quiet']);
	});

	it('reads the stored entries anew for each snapshot', async () => {
		const stored = [contact('anna')];
		const directory = createDirectory({
			configured: NONE,
			store: {
				directoryEntries: {
					all: async () => ({ ...NONE, contacts: [...stored], broken: [] }),
					change: () => Promise.reject(new Error('nothing is changed here')),
				},
			},
			timeZones,
		});
		const before = await directory.snapshot();
		stored.push(contact('ben'));
		const after = await directory.snapshot();
		expect(before.contact('ben')).toBeUndefined();
		expect(after.contact('ben')?.id).toBe('ben');
	});
});
