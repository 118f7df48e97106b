import { createHash } from 'node:crypto';
import { MIGRATIONS as POSTGRES } from '../../runner/store/postgres/db/migrations.ts';
import { PHASES as POSTGRES_PHASES } from '../../runner/store/postgres/db/phases.ts';
import type { Phase } from '../../runner/store/rules/phases.ts';
import { MIGRATIONS as SQLITE } from '../../runner/store/sqlite/db/migrations.ts';
import { PHASES as SQLITE_PHASES } from '../../runner/store/sqlite/db/phases.ts';

const digest = (step: string): string =>
	createHash('sha256').update(step).digest('hex').slice(0, 16);

/** A step with the phases that follow it. */
const textOf = (step: string, phases: readonly Phase[] = []): string =>
	phases.length === 0 ? step : step + JSON.stringify(phases);

/** The steps that databases in use have behind them. A new step adds its digest; none of these ever changes. */
const RELEASED = {
	SQLite: [
		'88495b994bc4b321',
		'be65f682df212d3b',
		'f2c4f5c301b092aa',
		'35060c1fe9e6cf9d',
		'a5f9f7ab0c563e3d',
		'4a03c91ca9e0ddf7',
		'7a03857153522878',
		'8de6e08d71e96e1e',
		'91bb9a7f513d9007',
		'f3db6ee681e54688',
		'91b0bdd3b4081dcc',
		'518efe567883232e',
		'c374f10bd4df6984',
		'17a34936f357da2a',
	],
	PostgreSQL: [
		'e6df957dc1526e3f',
		'17d7e534874ab50a',
		'bf52cec528381320',
		'6f8337ff199281a0',
		'4ece181d01662903',
		'9279b20d61bd6bb7',
		'7864490617357b61',
		'64f4532b82d6fd7b',
		'731d209f4fd119cb',
		'9c5d51d848054076',
		'ede895c3166b39e0',
		'4cd0ae6e1cea7baf',
	],
};

it.each([
	['SQLite', SQLITE, SQLITE_PHASES],
	['PostgreSQL', POSTGRES, POSTGRES_PHASES],
] as const)('migrations of %s are only ever added', (store, steps, phases) => {
	expect(steps.map((step, i) => digest(textOf(step, phases[i + 1])))).toEqual(RELEASED[store]);
});
