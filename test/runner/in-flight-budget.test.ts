import { type Place, Room } from '../../runner/http/in-flight-budget.ts';

describe('the room for sends on their way in', () => {
	const fill = (room: Room, key: string): Place[] => {
		const places: Place[] = [];
		for (;;) {
			const place = room.enter(key);
			if (!place || place.isForCritical) {
				place?.leave();
				return places;
			}
			places.push(place);
		}
	};

	it('is one key’s alone where there is no other', () => {
		expect(fill(new Room({ requests: 8, bytes: 100 }, false), 'a')).toHaveLength(8);
	});

	it('leaves each further key something, however many requests one leaves unfinished', () => {
		const room = new Room({ requests: 16, bytes: 100 }, true);
		expect(fill(room, 'greedy')).toHaveLength(8);
		expect(fill(room, 'other')).toHaveLength(4);
		expect(fill(room, 'third').length).toBeGreaterThan(0);
	});

	it('takes critical sends where it is full for others', () => {
		const room = new Room({ requests: 8, bytes: 100 }, false);
		const places = fill(room, 'a');
		expect(room.enter('a')?.isForCritical).toBe(true);
		expect(room.enter('a')?.isForCritical).toBe(true);
		expect(room.enter('a')).toBeUndefined();
		places[0]?.leave();
		places[0]?.leave();
		places[1]?.leave();
		places[2]?.leave();
		expect(room.enter('a')?.isForCritical).toBe(false);
	});

	it('counts bytes when they come, and gives them back once', () => {
		const room = new Room({ requests: 8, bytes: 100 }, false);
		const place = room.enter('a');
		expect(place?.grow(100)).toBe(true);
		expect(place?.isForCritical).toBe(false);
		const other = room.enter('a');
		expect(other?.grow(25)).toBe(true);
		expect(other?.isForCritical).toBe(true);
		expect(other?.grow(1)).toBe(false);
		place?.leave();
		place?.leave();
		const third = room.enter('a');
		expect(third?.grow(75)).toBe(true);
		expect(third?.isForCritical).toBe(false);
	});
});
