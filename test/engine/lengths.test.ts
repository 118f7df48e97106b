import { z } from 'zod/v4';
import {
	atMostMembers,
	excessOf,
	type JsonBounds,
	overlongIn,
	sendRequestSchema,
} from '@sureping/engine';

describe('a list or an object that is too long', () => {
	const address = z.union([
		z.string(),
		atMostMembers(2, z.record(z.string(), z.array(z.int()).max(3))),
	]);
	const schema = z.strictObject({
		list: z
			.array(z.strictObject({ inner: z.array(z.string()).max(2) }))
			.max(2)
			.optional(),
		address: address.nullable().optional(),
		piped: z.array(z.string()).max(1).pipe(z.array(z.string())).default([]),
		either: z.union([z.array(z.int()).max(1), z.array(z.string()).max(3)]).optional(),
	});

	it.each<[string, unknown, string | undefined]>([
		['nothing', {}, undefined],
		['another kind', { list: 'x', address: [], piped: {}, either: {} }, undefined],
		[
			'as much as may be',
			{ list: [{ inner: ['a', 'b'] }, {}], address: { a: [1, 2, 3], b: [] } },
			undefined,
		],
		['a list', { list: [1, 2, 3] }, 'list must have at most 2 entries'],
		[
			'a list inside',
			{ list: [{}, { inner: [1, 2, 3] }] },
			'list.1.inner must have at most 2 entries',
		],
		['a record', { address: { a: 1, b: 2, c: 3 } }, 'address must have at most 2 members'],
		[
			'a list in a record',
			{ address: { a: [1, 2, 3, 4] } },
			'address.a must have at most 3 entries',
		],
		['what is piped on', { piped: [1, 2] }, 'piped must have at most 1 entries'],
		['too much for one way of two', { either: [1, 2] }, undefined],
		['too much for both ways', { either: [1, 2, 3, 4] }, 'either must have at most 1 entries'],
		[
			'unknown fields',
			Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`x${i}`, 1])),
			' has more than 20 fields that are not known',
		],
	])('is found in %s', (_name, value, expected) => {
		const found = overlongIn(schema, value);
		expect(found && `${found.path.join('.')} ${found.message}`).toBe(expected);
	});

	it('is found in a schema that contains itself, at any depth', () => {
		const tree = z.strictObject({
			leaves: z.array(z.int()).max(1).optional(),
			get branches(): z.ZodType {
				return z.array(tree).max(2).optional();
			},
		});
		const branch = { branches: [{}, { branches: [{ leaves: [1, 2] }] }] };
		expect(overlongIn(tree, branch)).toEqual({
			path: ['branches', 1, 'branches', 0, 'leaves'],
			message: 'must have at most 1 entries',
		});
		expect(overlongIn(tree, { branches: [{ leaves: [1] }, {}] })).toBeUndefined();
		const lazy: z.ZodType = z.lazy(() => z.array(lazy).max(1));
		expect(overlongIn(lazy, [[[1, 2]]])?.path).toEqual([0, 0]);
	});

	it('is refused of a recipient by the schema itself', () => {
		const recipient = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`c${i}`, 'a']));
		const parsed = sendRequestSchema.safeParse({ message: 'x', channels: ['console'], recipient });
		expect(JSON.stringify(parsed.error?.issues)).toContain('must have at most 100 members');
		delete recipient.c0;
		expect(
			sendRequestSchema.safeParse({ message: 'x', channels: ['console'], recipient }).success,
		).toBe(true);
	});
});

describe('the text of a JSON value', () => {
	const most: JsonBounds = { levels: 3, values: 6, members: 2 };
	it.each<[string, string | undefined]>([
		['[[[1]]]', undefined],
		['[[[[1]]]]', 'levels'],
		['[1,2,3,4,5,6]', undefined],
		['[1,2,3,4,5,6,7]', 'values'],
		['[{},{},{},{}]', 'values'],
		['{"a":1,"b":2}', undefined],
		['{"a":1,"b":2,"c":3}', 'members'],
		['[{"a":1,"b":2},{"a":1,"b":2}]', undefined],
		['{"a":{"b":1,"c":2},"d":3}', undefined],
		['"[[[[[[,,,,,,,,::::"', undefined],
		['"\\"[[[[[["', undefined],
		['["\\\\",[[["x"]]]]', 'levels'],
		['[[[1]],[[[2]]]]', 'levels'],
		[']]]][[[1]]]', undefined],
		['', undefined],
	])('%s exceeds %s', (text, excess) => {
		expect(excessOf(Buffer.from(text), most)).toBe(excess);
	});
});
