import fc from 'fast-check';
import { readBatch, RefusedItem } from '../../runner/http/body/batch-body.ts';
import { Problem } from '../../runner/http/problem.ts';

const rules = {
	limit: 50,
	itemBytes: 1024,
	parse(bytes: Buffer): unknown {
		try {
			return JSON.parse(bytes.toString()) as unknown;
		} catch {
			throw new Problem(400, 'not JSON');
		}
	},
};
const read = (text: string): Promise<unknown> => readBatch(Buffer.from(text), rules);

describe('a batch that is read item by item', () => {
	it('is what JSON.parse makes of it, whatever it holds and however it is spaced', async () => {
		const batch = fc.dictionary(
			fc.string({ maxLength: 8 }),
			fc.oneof(fc.array(fc.jsonValue(), { maxLength: 8 }), fc.jsonValue()),
			{ maxKeys: 4 },
		);
		await fc.assert(
			fc.asyncProperty(batch, fc.constantFrom(undefined, ' ', '\t', 3), async (value, space) => {
				const text = JSON.stringify(value, null, space);
				const items = Object.values(value).flatMap((one) => (Array.isArray(one) ? one : []));
				fc.pre(text.length < 4_000 && items.length <= rules.limit);
				const found = await readBatch(Buffer.from(text), { ...rules, itemBytes: 8_192 });
				expect(JSON.stringify(found)).toEqual(JSON.stringify(JSON.parse(text)));
			}),
			{ numRuns: 500 },
		);
	});

	it.each([
		'{"sends":[]}',
		'{"sends":[ \n ]}',
		' \ufeff {"sends":[1,"]",{"a":"[,]\\"}"},[[2]]]}'.replace('\ufeff', ''),
		'{"s\\u0065nds":[1]}',
		'{"sends":[1],"sends":[2,3]}',
		'{"a":{"b":[1,2]},"sends":[{"c":[{}]}]}',
		'[1,[2,3]]',
		'"x"',
		'null',
	])('is read as JSON.parse reads %s', async (text) => {
		expect(await read(text)).toEqual(JSON.parse(text));
	});

	it.each([
		'{"sends":[1,]}',
		'{"sends":[,1]}',
		'{"sends":[1,,2]}',
		'{"sends":[1 2]}',
		'{"sends":[1',
		'{"sends":[1}',
		'{"sends":[{"a":1]]}',
		'{"sends":[1]]}',
		'{"sends":[1]} x',
		'{"sends":["a]}',
		'',
		'{',
	])('is refused where JSON.parse refuses %s', async (text) => {
		expect(() => JSON.parse(text) as unknown).toThrow();
		await expect(read(text)).rejects.toMatchObject({ status: 400 });
	});

	it('puts a refusal in the place of an item that is too large', async () => {
		const value = await read(JSON.stringify({ sends: [1, 'x'.repeat(2_000), 2] }));
		const { sends } = value as { sends: unknown[] };
		expect([sends[0], sends[2]]).toEqual([1, 2]);
		expect(sends[1]).toBeInstanceOf(RefusedItem);
		expect(sends[1]).toMatchObject({ problem: { status: 413 } });
	});

	it('is refused with too many items, or with much beside them', async () => {
		const many = JSON.stringify({ sends: new Array(51).fill(1) });
		await expect(read(many)).rejects.toMatchObject({
			status: 422,
			errors: [{ path: 'sends', message: 'must have at most 50 entries' }],
		});
		await expect(read(`{"sends":[1],"x":"${'x'.repeat(5_000)}"}`)).rejects.toMatchObject({
			status: 422,
		});
		await expect(read(`${' '.repeat(5_000)}[]`)).rejects.toMatchObject({ status: 422 });
	});
});
