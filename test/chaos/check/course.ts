import { CRASH_POINTS } from '../lives.ts';
import type { Check } from './check.ts';

/** In a run of this many kills each kind of disturbance has its turn. */
const LONG_RUN = 50;

/** That the run was what it was meant to be: a run that disturbs nothing proves nothing. */
export const COURSE_CHECKS: readonly Check[] = [
	{
		name: 'the runners were killed as often as was asked for, and never ended by themselves',
		*violations({ plan, lives }) {
			if (lives.killed.length !== plan.kills) yield `there were ${lives.killed.length} kills`;
			for (const { name, how } of lives.all) {
				if (how === 'itself' || how === undefined) yield `life ${name} ended by itself`;
			}
		},
	},
	{
		name: 'sends were accepted in many lives',
		*violations({ load, lives }) {
			const times = load.filter(({ kind }) => kind === 'acknowledged').map(({ at }) => at);
			const fruitful = lives.all.filter(({ spawnedAt, diedAt }) =>
				times.some((at) => spawnedAt < at && at < diedAt),
			);
			if (fruitful.length * 4 < lives.all.length) {
				yield `in ${fruitful.length} of ${lives.all.length} lives`;
			}
		},
	},
	{
		name: 'a long run dies at every commit point and moves the clock both ways',
		*violations({ plan, lives }) {
			if (plan.kills < LONG_RUN) return;
			for (const point of CRASH_POINTS) {
				if (!lives.killed.some(({ how }) => how === point)) yield `nobody died at ${point}`;
			}
			const steps = lives.all.flatMap(({ shifts }) =>
				shifts.slice(1).map(({ shiftMs }, i) => shiftMs - (shifts[i]?.shiftMs ?? 0)),
			);
			if (!steps.some((step) => step > 0)) yield 'the clock never went ahead';
			if (!steps.some((step) => step < 0)) yield 'the clock never went back';
		},
	},
	{
		name: 'the store was away while sends came, and as often as was asked for',
		*violations({ plan, lives, load }) {
			if (lives.outages.length !== plan.stops) yield `there were ${lives.outages.length} stops`;
			const isRefused = load.some((line) => line.kind === 'refused' && line.status >= 500);
			// In a short run nobody may live just then who would refuse it.
			if (plan.kills >= LONG_RUN && !isRefused) yield 'no send was ever refused';
		},
	},
];
