import { CarriedWork } from '../../runner/store/postgres/db/carried-work.ts';

const MB = 1024 * 1024;
const held = { isHeld: true, term: 1 };
const item = (id: string, bytes: number) => ({ id, lane: id, bytes });

describe('work that is carried in memory', () => {
	it('has no more than 32 MB, of which what starts or fails leaves room', () => {
		const work = new CarriedWork(held, 100);
		expect(work.reserve(item('a', 20 * MB))).toBe(true);
		expect(work.reserve(item('b', 13 * MB))).toBe(false);
		expect(work.reserve(item('c', 12 * MB))).toBe(true);
		work.cancel(['a']);
		expect(work.reserve(item('b', 13 * MB))).toBe(true);
		work.commit(['b', 'c']);
		expect(work.offer(() => 'started')).toEqual([]);
		expect(work.reserve(item('d', 32 * MB))).toBe(true);
	});
});
