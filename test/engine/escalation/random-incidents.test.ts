import fc from 'fast-check';
import { courses } from '../../support/random-incidents/course.ts';
import { Model } from '../../support/random-incidents/model.ts';
import { play } from '../../support/random-incidents/play.ts';

const RUNS = Number(process.env.SUREPING_RANDOM_INCIDENTS ?? 500);

describe('random incidents', () => {
	it(
		'keep every rule, and page as the model does',
		() => {
			fc.assert(
				fc.property(courses, (course) => {
					expect(play(course)).toEqual(new Model(course).run());
				}),
				{ numRuns: RUNS },
			);
		},
		RUNS * 20 + 10_000,
	);
});
