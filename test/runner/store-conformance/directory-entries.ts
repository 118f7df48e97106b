import {
	type Contact,
	contactSchema,
	createIds,
	type OnCall,
	onCallSchema,
	type Policy,
	policyBodySchema,
	policySchema,
} from '@sureping/engine';
import type {
	DirectoryEntry,
	DirectoryKind,
} from '../../../runner/store/contract/directory-entries.ts';
import type { Store } from '../../../runner/store/contract/index.ts';
import { START } from '../../support/set-clock.ts';
import type { StoreBed } from '../../support/store-bed.ts';
import { openBed } from './bed.ts';

const contact = (id: string, name = 'Anna'): Contact =>
	contactSchema.parse({
		id,
		name,
		addresses: [{ channel: 'telegram', connection: 'bot', address: '1' }],
		rules: { important: [{ channel: 'telegram', after_s: 0.5 }] },
		quiet_hours: [{ from: '22:00', to: '07:00' }],
	});
const onCall = (name: string, members: readonly string[]): OnCall =>
	onCallSchema.parse({ name, members });
const policy = (name: string): Policy =>
	policySchema.parse({ name, steps: [{ after_s: 0, notify: ['contact:anna'] }] });

describe('directory entries', () => {
	let bed: StoreBed;
	let now = START;
	beforeEach(async () => {
		now = START;
		bed = await openBed({ newId: createIds(() => now), now: () => now });
	});
	afterEach(() => bed.dispose());

	const put = (entry: DirectoryEntry, store: Store = bed.store): Promise<void> =>
		store.directoryEntries.change(() => ({ put: entry, result: undefined }));
	const stored = (): Promise<readonly Record<string, unknown>[]> =>
		bed.sql('SELECT kind, name, created_at, changed_at FROM directory_entries ORDER BY kind, name');

	it('are kept with all that they have, in the order of their names, and after a restart', async () => {
		const empty = { contacts: [], onCalls: [], policies: [], broken: [] };
		expect(await bed.store.directoryEntries.all()).toEqual(empty);
		await put({ kind: 'contact', entry: contact('b') });
		await put({ kind: 'contact', entry: contact('B') });
		await put({ kind: 'contact', entry: contact('a', 'Zoë “Z” O’Hara') });
		await put({ kind: 'on_call', entry: onCall('a', ['b', 'a']) });
		await put({ kind: 'policy', entry: policy('a') });
		const all = {
			contacts: [contact('B'), contact('a', 'Zoë “Z” O’Hara'), contact('b')],
			onCalls: [onCall('a', ['b', 'a'])],
			policies: [policy('a')],
			broken: [],
		};
		expect(await bed.store.directoryEntries.all()).toEqual(all);
		await bed.reopen();
		expect(await bed.store.directoryEntries.all()).toEqual(all);
	});

	it('are replaced and removed by kind and name, and keep the time of their creation', async () => {
		await put({ kind: 'contact', entry: contact('same') });
		await put({ kind: 'policy', entry: policy('same') });
		now += 1_000;
		await put({ kind: 'contact', entry: contact('same', 'Ben') });
		expect((await bed.store.directoryEntries.all()).contacts).toEqual([contact('same', 'Ben')]);
		const rows = (await stored()).map(({ kind, created_at: made, changed_at: changed }) => [
			kind,
			Number(made) - START,
			Number(changed) - START,
		]);
		expect(rows).toEqual([
			['contact', 0, 1_000],
			['policy', 0, 0],
		]);
		const remove = { kind: 'contact', name: 'same' } as const;
		const result = await bed.store.directoryEntries.change(() => ({ remove, result: 'done' }));
		expect(result).toBe('done');
		expect(await bed.store.directoryEntries.all()).toMatchObject({
			contacts: [],
			policies: [{ name: 'same' }],
		});
	});

	it('stay as they are when a change changes nothing, or throws', async () => {
		await put({ kind: 'contact', entry: contact('anna') });
		const { change } = bed.store.directoryEntries;
		const seen = await change((entries) => ({ result: entries.contacts.map(({ id }) => id) }));
		expect(seen).toEqual(['anna']);
		const thrown = change(() => {
			throw new TypeError('a bug');
		});
		await expect(thrown).rejects.toThrow('a bug');
		expect((await bed.store.directoryEntries.all()).contacts).toEqual([contact('anna')]);
	});

	it('are changed one after the other, also by two processes: each change sees the one before', async () => {
		const another = await bed.another();
		expect((await another.directoryEntries.all()).contacts).toEqual([]);
		const count = 20;
		const appended = Array.from({ length: count }, (_, i) =>
			(i % 2 === 0 ? bed.store : another).directoryEntries.change(({ contacts }) => {
				const [before] = contacts;
				return {
					put: { kind: 'contact', entry: contact('anna', `${before?.name ?? ''}x`) },
					result: before?.name.length ?? 0,
				};
			}),
		);
		const results = await Promise.all(appended);
		expect(results.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
		for (const store of [bed.store, another]) {
			const { contacts } = await store.directoryEntries.all();
			expect(contacts.map(({ name }) => name)).toEqual(['x'.repeat(count)]);
		}
	});

	it('are removed once of two processes that want to, and what a check saw holds until then', async () => {
		const another = await bed.another();
		await put({ kind: 'contact', entry: contact('anna') });
		// Removes the contact unless an on-call names it; adds an on-call that names it unless it is gone.
		const removal = bed.store.directoryEntries.change(({ onCalls }) =>
			onCalls.length > 0
				? { result: 'kept' }
				: { remove: { kind: 'contact', name: 'anna' }, result: 'removed' },
		);
		const addition = another.directoryEntries.change(({ contacts }) =>
			contacts.length === 0
				? { result: 'refused' }
				: { put: { kind: 'on_call', entry: onCall('ops', ['anna']) }, result: 'added' },
		);
		const outcome = await Promise.all([removal, addition]);
		expect([
			['removed', 'refused'],
			['kept', 'added'],
		]).toContainEqual(outcome);
		const { contacts, onCalls } = await another.directoryEntries.all();
		expect(contacts.length).toBe(onCalls.length);
	});

	it('that cannot be read are named, hide no other, and can be replaced or removed', async () => {
		for (const id of ['anna', 'ben', 'cem']) await put({ kind: 'contact', entry: contact(id) });
		await bed.sql("UPDATE directory_entries SET body = '{' WHERE name = 'anna'");
		await bed.sql("UPDATE directory_entries SET body = '7' WHERE name = 'cem'");
		await bed.reopen();
		const { all, change } = bed.store.directoryEntries;
		expect(await all()).toMatchObject({
			contacts: [{ id: 'ben' }],
			broken: [
				{ kind: 'contact', name: 'anna' },
				{ kind: 'contact', name: 'cem' },
			],
		});
		await put({ kind: 'contact', entry: contact('anna') });
		const remove = { kind: 'contact', name: 'cem' } as const;
		await change(() => ({ remove, result: undefined }));
		expect(await all()).toMatchObject({ contacts: [{ id: 'anna' }, { id: 'ben' }], broken: [] });
	});

	describe('in use by incidents', () => {
		/** Stores an incident with a body of its own. */
		async function incident(id: string, status: string, body: object): Promise<void> {
			const whole = {
				id,
				status,
				policy: policyBodySchema.parse({ steps: [{ after_s: 0, notify: ['console'] }] }),
				content: {},
				...{ pages: [], pending: [], answers: [], trail: [] },
				...body,
			};
			await bed.sql(
				`INSERT INTO incidents (id, key_owner, status, opened_at, api_key, callbacks, body)
				 VALUES (?, 'key:test', ?, 0, 'test', '[]', ?)`,
				...[id, status, JSON.stringify(whole)],
			);
		}
		const policyFor = (...notify: string[]) => ({
			policy: policyBodySchema.parse({ steps: [{ after_s: 0, notify }] }),
		});
		const usersOf = (kind: DirectoryKind, name: string) =>
			bed.store.directoryEntries.usedBy({ kind, name });

		it('are those that their policies and pages name', async () => {
			const at = { at: 0, round: 0, step: 1, channels: ['console:a'] };
			const page = { ...at, notificationId: 'msg_1', contactId: 'paged', onCall: 'nights' };
			const pending = { ...at, urgency: 'default', contactId: 'waiting', onCall: 'days' };
			await incident('inc_1', 'open', { ...policyFor('contact:anna'), policyName: 'critical' });
			await incident('inc_2', 'acknowledged', { ...policyFor('on_call:nights'), pages: [page] });
			await incident('inc_3', 'open', { ...policyFor('contact:anna2'), pending: [pending] });
			await incident('inc_4', 'open', {
				policy: policyBodySchema.parse({
					steps: [{ after_s: 0, notify: ['console'] }],
					on_exhausted: { notify: ['contact:anna'] },
				}),
			});
			expect(await usersOf('contact', 'anna')).toEqual(['inc_4', 'inc_1']);
			expect(await usersOf('contact', 'anna2')).toEqual(['inc_3']);
			expect(await usersOf('contact', 'paged')).toEqual(['inc_2']);
			expect(await usersOf('contact', 'waiting')).toEqual(['inc_3']);
			expect(await usersOf('on_call', 'nights')).toEqual(['inc_2']);
			expect(await usersOf('on_call', 'days')).toEqual(['inc_3']);
			expect(await usersOf('policy', 'critical')).toEqual(['inc_1']);
			expect(await usersOf('on_call', 'anna')).toEqual([]);
			expect(await usersOf('policy', 'anna')).toEqual([]);
		});

		it('are not those of an incident that is over, was exhausted or is damaged, or only speaks of them', async () => {
			for (const status of ['resolved', 'cancelled', 'exhausted']) {
				await incident(`inc_${status}`, status, policyFor('contact:anna'));
			}
			await incident('inc_text', 'open', {
				content: { metadata: { to: 'contact:anna', contactId: 'anna', policyName: 'anna' } },
			});
			await incident('inc_damaged', 'open', { ...policyFor('contact:anna'), pages: 7 });
			expect(await usersOf('contact', 'anna')).toEqual([]);
			expect(await usersOf('policy', 'anna')).toEqual([]);
		});
	});
});
