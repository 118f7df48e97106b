import { WindowCounts } from '../../runner/http/window-counts.ts';

const TWO_IN_TEN_S = { max: 2, window_s: 10 };

function counted() {
	let now = 1_000;
	const counts = new WindowCounts(() => now);
	return {
		excess: (caller: string) => counts.excess(caller, TWO_IN_TEN_S),
		pass: (ms: number) => void (now += ms),
	};
}

it('lets a caller have as many requests as its window allows, and says when the next one starts', () => {
	const { excess, pass } = counted();
	expect([excess('a'), excess('a')]).toEqual([undefined, undefined]);
	pass(4_000);
	expect(excess('a')).toBe(6_000);
	pass(5_999);
	expect(excess('a')).toBe(1);
});

it('starts a new window with the first request after the end of the one before', () => {
	const { excess, pass } = counted();
	excess('a');
	pass(9_000);
	expect([excess('a'), excess('a')]).toEqual([undefined, 1_000]);
	pass(1_000);
	expect([excess('a'), excess('a'), excess('a')]).toEqual([undefined, undefined, 10_000]);
});

it('counts callers apart', () => {
	const { excess } = counted();
	for (let i = 0; i < 3; i++) excess('a');
	expect(excess('b')).toBeUndefined();
	expect(excess('a')).toBe(10_000);
});

it('forgets the caller that was not seen for longest when there are more than 5,000', () => {
	const { excess } = counted();
	for (let i = 0; i < 3; i++) excess('first');
	for (let i = 0; i < 3; i++) excess('second');
	for (let i = 0; i < 4_998; i++) excess(`other ${i}`);
	expect(excess('first')).toBe(10_000);
	excess('one more');
	expect(excess('first')).toBe(10_000);
	expect(excess('second')).toBeUndefined();
});
