import { contactBodySchema, onCallBodySchema } from '@sureping/engine';
import { z } from 'zod/v4';
import { shownAddress } from '../../runner/http/directory/masked-address.ts';
import { pageByName } from '../../runner/http/directory/name-pages.ts';
import { patched, patchSchema } from '../../runner/http/directory/patch-schema.ts';

describe('an address that is shown to a key', () => {
	it.each(['manage', 'admin'] as const)('is whole with the scope %s', (scope) => {
		expect(shownAddress('anna@example.com', { scopes: ['read', scope] })).toBe('anna@example.com');
	});

	it.each([
		['anna@example.com', 'an…om'],
		['+4915112345678', '+4…78'],
		['123456789', '12…89'],
		['12345678', '1…'],
		['#ops', '#…'],
		['7', '…'],
		['😀😀😀😀😀😀😀😀😀', '😀😀…😀😀'],
	])('keeps less than half without it: %s', (address, shown) => {
		expect(shownAddress(address, { scopes: ['read', 'send', 'respond'] })).toBe(shown);
	});
});

describe('a page by name', () => {
	const page = (entries: readonly string[], limit: number, after?: string, size = 1) =>
		pageByName(
			entries,
			(name) => name,
			(name) => name.padEnd(size),
			{ after, limit },
		);

	it('goes on after a name, whether or not that is still there', async () => {
		const all = ['d', 'a', 'c', 'B'];
		expect(await page(all, 2)).toEqual({ items: ['B', 'a'], nextCursor: 'a' });
		expect(await page(all, 2, 'a')).toEqual({ items: ['c', 'd'] });
		expect(await page(all, 2, 'b')).toEqual({ items: ['c', 'd'] });
		expect(await page(all, 4)).toEqual({ items: ['B', 'a', 'c', 'd'] });
		expect(await page([], 4)).toEqual({ items: [] });
	});

	it('ends early at 8 MiB', async () => {
		const first = await page(['a', 'b', 'c', 'd'], 4, undefined, 3 * 1024 * 1024);
		expect([first.items.length, first.nextCursor]).toEqual([3, 'c']);
		expect((await page(['a'], 4, undefined, 9 * 1024 * 1024)).nextCursor).toBeUndefined();
	});
});

describe('the body of a PATCH', () => {
	it('has no defaults: what it leaves out stays', () => {
		const schema = patchSchema(onCallBodySchema.shape);
		expect(schema.parse({})).toEqual({});
		const before = { name: 'ops', members: ['anna'], every: 'day' };
		expect(patched(before, schema.parse({ time_zone: 'Europe/Berlin' }))).toEqual({
			...before,
			time_zone: 'Europe/Berlin',
		});
	});

	it('goes back to the default with null, where there is one', () => {
		const schema = patchSchema(contactBodySchema.shape);
		const before = { name: 'Anna', language: 'de' };
		expect(patched(before, schema.parse({ language: null }))).toEqual({ name: 'Anna' });
		expect(schema.safeParse({ name: null }).success).toBe(false);
		expect(schema.safeParse({ nickname: 'x' }).success).toBe(false);
	});

	it('describes each field as the whole body does', () => {
		const field = patchSchema(onCallBodySchema.shape);
		expect(JSON.stringify(z.toJSONSchema(field, { io: 'input' }))).toContain(
			'`null` goes back to the default.',
		);
	});
});
