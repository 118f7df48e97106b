import type { LookupAddress } from 'node:dns';
import { sharedLookup } from '../../runner/transport/shared-lookup.ts';

type Done = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;

/** A resolver that answers when the test says so. */
function resolver() {
	const asked: { readonly host: string; readonly family: unknown; readonly done: Done }[] = [];
	const lookup = sharedLookup((host, { family }, done) => void asked.push({ host, family, done }));
	const find = (host: string, options = {}): Promise<unknown> =>
		new Promise((resolve) => {
			lookup(host, options, (error, address, family) => resolve(error?.code ?? [address, family]));
		});
	return { asked, find };
}

const ADDRESSES = [
	{ address: '192.0.2.1', family: 4 },
	{ address: '2001:db8::1', family: 6 },
];

it('a name that many want is looked up once at a time', async () => {
	const { asked, find } = resolver();
	const many = Array.from({ length: 128 }, () => find('slow.example', { all: true }));
	const other = find('other.example');
	expect(asked.map(({ host }) => host)).toEqual(['slow.example', 'other.example']);
	asked[1]?.done(null, ADDRESSES);
	expect(await other).toEqual(['192.0.2.1', 4]);
	asked[0]?.done(null, ADDRESSES);
	expect(await Promise.all(many)).toEqual(Array(128).fill([ADDRESSES, undefined]));
	const again = find('slow.example', { all: true });
	expect(asked).toHaveLength(3);
	asked[2]?.done(Object.assign(new Error('no'), { code: 'EAI_AGAIN' }), []);
	expect(await again).toBe('EAI_AGAIN');
});

it('look-ups of another kind of address are their own, and a name without one is not known', async () => {
	const { asked, find } = resolver();
	const found = [find('a.example', { family: 4 }), find('a.example', { family: 6 })];
	expect(asked.map(({ family }) => family)).toEqual([4, 6]);
	for (const { done } of asked) done(null, []);
	expect(await Promise.all(found)).toEqual(['ENOTFOUND', 'ENOTFOUND']);
});
