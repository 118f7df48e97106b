import fc from 'fast-check';
import { pythonJson } from '../../../engine/signing/python-json.ts';
import { describeWithPython, python } from '../../support/python.ts';

describe('pythonJson', () => {
	it.each([
		[{ a: 1, b: [true, null, 'x'] }, '{"a": 1, "b": [true, null, "x"]}'],
		[{}, '{}'],
		[[], '[]'],
		['ü\u007f🚀\n"\\', '"\\u00fc\\u007f\\ud83d\\ude80\\n\\"\\\\"'],
		[{ gone: undefined, kept: 0 }, '{"kept": 0}'],
		[[undefined], '[null]'],
		[0.00001, '1e-05'],
		[1.5e-7, '1.5e-07'],
		[1e-10, '1e-10'],
		[0.0001, '0.0001'],
		[1e21, '1e+21'],
		[1e20, '100000000000000000000'],
		[-0.5, '-0.5'],
	])('writes %j as json.dumps does', (value, text) => {
		expect(pythonJson(value)).toBe(text);
	});
});

describeWithPython('pythonJson beside python3 (skipped where there is none)', () => {
	/** One JSON text per line in, what json.dumps makes of each out. */
	const REWRITE = `
import json, sys
for line in sys.stdin:
    print(json.dumps(json.loads(line)))
`;
	const numbers = fc.oneof(
		fc.double({ noNaN: true, noDefaultInfinity: true }),
		fc.double({ noNaN: true, min: -1e-3, max: 1e-3 }),
		fc.maxSafeInteger(),
		fc.integer({ min: -400, max: 400 }).map((power) => (power < 309 ? 10 ** power : 0)),
	);
	const text = fc.string({ unit: 'binary', maxLength: 20 });
	const values = fc.letrec((tie) => ({
		value: fc.oneof(
			{ maxDepth: 4 },
			fc.constantFrom(null, true, false),
			numbers,
			text,
			fc.string({
				unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
			}),
			fc.array(tie('value'), { maxLength: 4 }),
			fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
		),
	})).value;

	it('writes 5,000 random values exactly as json.dumps writes what json.loads read', () => {
		const sample = fc.sample(values, { numRuns: 5_000, seed: 1 });
		const compact = sample.map((value) => JSON.stringify(value)).join('\n');
		const expected = python(REWRITE, compact).trimEnd().split('\n');
		expect(expected).toHaveLength(5_000);
		expect(sample.map((value) => pythonJson(value))).toEqual(expected);
	});

	it('writes text that json.dumps leaves as it is', () => {
		const sample = fc.sample(values, { numRuns: 2_000, seed: 2 });
		const ours = sample.map((value) => pythonJson(value));
		expect(python(REWRITE, ours.join('\n')).trimEnd().split('\n')).toEqual(ours);
	});
});
