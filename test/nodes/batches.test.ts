import { inBatches } from '../../nodes/SendNotification/batches.ts';

const MEBIBYTE = 1024 * 1024;
const sendOf = (bytes: number) => ({ body: { message: 'x'.repeat(bytes) } });
const sizes = (sends: readonly { readonly body: object }[]): number[] =>
	inBatches(sends).map((batch) => batch.length);

it('puts at most 1000 sends into a call', () => {
	expect(sizes([])).toEqual([]);
	expect(sizes(Array(1_000).fill(sendOf(1)))).toEqual([1_000]);
	expect(sizes(Array(2_001).fill(sendOf(1)))).toEqual([1_000, 1_000, 1]);
});

it('keeps each call below 10 MiB, counted in bytes', () => {
	const sends = Array(25).fill(sendOf(MEBIBYTE));
	expect(sizes(sends)).toEqual([9, 9, 7]);
	const [first] = inBatches(sends);
	const body = JSON.stringify({ sends: first!.map((send) => send.body) });
	expect(Buffer.byteLength(body)).toBeLessThanOrEqual(10 * MEBIBYTE);
	expect(sizes(Array(6).fill({ body: { message: '€'.repeat(MEBIBYTE) } }))).toEqual([3, 3]);
});

it('keeps the order, and gives what fits nowhere a call of its own', () => {
	const sends = [sendOf(1), sendOf(11 * MEBIBYTE), sendOf(2)];
	expect(inBatches(sends)).toEqual(sends.map((send) => [send]));
});
