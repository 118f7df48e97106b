import { type Reservation, InFlightBudget } from '../../runner/http/in-flight-budget.ts';

describe('the budget for sends on their way in', () => {
	const fill = (budget: InFlightBudget, key: string): Reservation[] => {
		const reservations: Reservation[] = [];
		for (;;) {
			const reservation = budget.reserve(key);
			if (!reservation || reservation.isForCritical) {
				reservation?.release();
				return reservations;
			}
			reservations.push(reservation);
		}
	};

	it('is one key’s alone where there is no other', () => {
		expect(fill(new InFlightBudget({ requests: 8, bytes: 100 }, false), 'a')).toHaveLength(8);
	});

	it('leaves each further key something, however many requests one leaves unfinished', () => {
		const budget = new InFlightBudget({ requests: 16, bytes: 100 }, true);
		expect(fill(budget, 'greedy')).toHaveLength(8);
		expect(fill(budget, 'other')).toHaveLength(4);
		expect(fill(budget, 'third').length).toBeGreaterThan(0);
	});

	it('takes critical sends where it is full for others', () => {
		const budget = new InFlightBudget({ requests: 8, bytes: 100 }, false);
		const reservations = fill(budget, 'a');
		expect(budget.reserve('a')?.isForCritical).toBe(true);
		expect(budget.reserve('a')?.isForCritical).toBe(true);
		expect(budget.reserve('a')).toBeUndefined();
		reservations[0]?.release();
		reservations[0]?.release();
		reservations[1]?.release();
		reservations[2]?.release();
		expect(budget.reserve('a')?.isForCritical).toBe(false);
	});

	it('counts bytes when they come, and gives them back once', () => {
		const budget = new InFlightBudget({ requests: 8, bytes: 100 }, false);
		const reservation = budget.reserve('a');
		expect(reservation?.grow(100)).toBe(true);
		expect(reservation?.isForCritical).toBe(false);
		const other = budget.reserve('a');
		expect(other?.grow(25)).toBe(true);
		expect(other?.isForCritical).toBe(true);
		expect(other?.grow(1)).toBe(false);
		reservation?.release();
		reservation?.release();
		const third = budget.reserve('a');
		expect(third?.grow(75)).toBe(true);
		expect(third?.isForCritical).toBe(false);
	});
});
