import { contactSchema } from '@sureping/engine';
import { shiftsOf } from '../../runner/directory/shifts.ts';

const contact = (id: string, name: string): ReturnType<typeof contactSchema.parse> =>
	contactSchema.parse({ id, name, addresses: [{ channel: 'console', address: id }] });
const CONTACTS = [
	contact('anna', 'Anna Berg'),
	contact('ben', 'Ben'),
	contact('c1', 'Chris'),
	contact('c2', 'chris'),
	contact('c3', 'Ben'),
];

const shiftsFor = (
	titles: readonly string[],
	members: string[] = [],
	warnings: readonly string[] = [],
): ReturnType<typeof shiftsOf> =>
	shiftsOf({ members }, CONTACTS, {
		events: titles.map((summary, i) => ({ summary, from: i, to: i + 1 })),
		warnings,
	});

describe('the shifts of a calendar', () => {
	it('are those of contacts whose id or name is the title, in any case of letters', () => {
		expect(shiftsFor(['ANNA', ' anna berg ', 'Ben'])).toEqual({
			shifts: [
				{ who: 'anna', from: 0, to: 1 },
				{ who: 'anna', from: 1, to: 2 },
				{ who: 'ben', from: 2, to: 3 },
			],
		});
	});

	it('leave out titles that name nobody in particular, with a warning', () => {
		expect(shiftsFor(['Company party', 'Chris', 'Ben'], ['anna'])).toEqual({
			shifts: [],
			warning:
				'in its calendar "Company party" is no contact, "Chris" is the name of several contacts, "Ben" is not one of the members',
		});
	});

	it('name three faults at most, each once', () => {
		const { warning } = shiftsFor(['v', 'v', 'w', 'x', 'y', 'z'.repeat(500)]);
		expect(warning).toBe(
			'in its calendar "v" is no contact, "w" is no contact, "x" is no contact and 2 more',
		);
	});

	it('are unknown where the calendar was never read', () => {
		expect(shiftsOf({ members: [] }, CONTACTS, { events: undefined, warnings: ['why'] })).toEqual({
			shifts: undefined,
			warning: 'why',
		});
	});
});
