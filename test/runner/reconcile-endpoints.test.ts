import { healthyFrom } from '@sureping/engine';
import { reconcileEndpoints } from '../../runner/reconcile-endpoints.ts';
import { loadConfig } from '../../runner/config/load.ts';
import type { Endpoint } from '../../runner/store/contract/endpoints.ts';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const DAY = 24 * 3600_000;
const SECRET = 'whsec_endpoint_0123456789';

/** The endpoints of a config file that says this of them. */
function declared(...endpoints: Record<string, unknown>[]) {
	const file = join(temporaryDirectory('config'), 'config.json');
	const api_keys = [{ name: 'a', key: 'sp_test_key_0123456789', scopes: ['send'] }];
	writeFileSync(file, JSON.stringify({ api_keys, endpoints }));
	return loadConfig(file, {}).endpoints;
}

/** The endpoints of a store after it was reconciled with such a file. */
function adopt(stored: readonly Endpoint[], file: ReturnType<typeof declared>, now = NOW) {
	let made = stored.length;
	const plan = reconcileEndpoints(stored, file, () => `ep_${made++}`, now);
	const changed = new Map([...stored, ...plan.write].map((one) => [one.id, one]));
	for (const { id } of plan.remove) changed.delete(id);
	return { plan, after: [...changed.values()] };
}

const one = { name: 'one', url: 'https://a.example/', secret: SECRET, headers: { b: '1', a: '2' } };
const two = {
	name: 'two',
	url: 'https://b.example/',
	secret: SECRET,
	batch: { max_events: 3, max_wait_ms: 5 },
};

describe('the endpoints of the config file', () => {
	it('are written once: the same file changes nothing at the next start', () => {
		const { plan, after } = adopt([], declared(one, two));
		expect(plan.write.map(({ id, name }) => [id, name])).toEqual([
			['ep_0', 'one'],
			['ep_1', 'two'],
		]);
		expect(adopt(after, declared(one, two), NOW + DAY).plan).toEqual({ write: [], remove: [] });
		expect(adopt(after, declared(two, one), NOW + DAY).plan).toEqual({ write: [], remove: [] });
	});

	it('are written again where the file says something else, and only those', () => {
		const { after } = adopt([], declared(one, two));
		const { plan } = adopt(after, declared(one, { ...two, events: ['notification.failed'] }));
		expect(plan.write).toMatchObject([
			{ id: 'ep_1', events: ['notification.failed'], createdAt: NOW },
		]);
		expect(plan.remove).toEqual([]);
	});

	it('stay disabled when they were disabled, also with other settings, another name or another URL', () => {
		const disabled = adopt([], declared(one, two)).after.map((endpoint) => ({
			...endpoint,
			status: 'disabled' as const,
			health: { ...healthyFrom(NOW), disabled: 'requested' as const },
		}));
		for (const change of [
			{},
			{ name: 'renamed' },
			{ url: 'https://c.example/' },
			{ ack: 'strict-200' },
		]) {
			const { after } = adopt(disabled, declared({ ...one, ...change }, two), NOW + DAY);
			expect(after).toHaveLength(2);
			for (const { status, health } of after) {
				expect({ status, reason: health?.disabled }).toEqual({
					status: 'disabled',
					reason: 'requested',
				});
			}
		}
	});

	it('are known again by URL under a new name, one for each that has gone', () => {
		const { after } = adopt([], declared(one, { ...one, name: 'same' }, two));
		const renamed = declared(
			{ ...one, name: 'x' },
			{ ...one, name: 'y' },
			{ ...one, name: 'z' },
			two,
		);
		const { plan } = adopt(after, renamed);
		expect(plan.write.map(({ id, name }) => [id, name])).toEqual([
			['ep_0', 'x'],
			['ep_1', 'y'],
			['ep_3', 'z'],
		]);
		expect(plan.remove).toEqual([]);
	});

	it('go when they are not in the file any more; those of the API are not its business', () => {
		const { after } = adopt([], declared(one, two));
		const ofApi: Endpoint = { ...after[0]!, id: 'ep_api', source: 'api', name: 'of the API' };
		const { plan } = adopt([...after, ofApi], declared(two));
		expect(plan.write).toEqual([]);
		expect(plan.remove.map(({ id }) => id)).toEqual(['ep_0']);
	});

	it('start with a clean record at another URL', () => {
		const failing = adopt([], declared(one)).after.map((endpoint) => ({
			...endpoint,
			health: { ...healthyFrom(NOW), failures: 3 },
		}));
		const { after } = adopt(failing, declared({ ...one, url: 'https://c.example/' }), NOW + DAY);
		expect(after[0]?.health).toEqual(healthyFrom(NOW + DAY));
	});
});
