import { createHash } from 'node:crypto';
import { MIGRATIONS as POSTGRES } from '../../runner/store/postgres/db/migrations.ts';
import { MIGRATIONS as SQLITE } from '../../runner/store/sqlite/db/migrations.ts';

const digest = (step: string): string =>
	createHash('sha256').update(step).digest('hex').slice(0, 16);

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
		'25d9148c94c97932',
	],
	PostgreSQL: [
		'e6df957dc1526e3f',
		'17d7e534874ab50a',
		'bf52cec528381320',
		'6f8337ff199281a0',
		'4ece181d01662903',
		'9279b20d61bd6bb7',
		'6d9d23696d227d5a',
	],
};

it.each([
	['SQLite', SQLITE],
	['PostgreSQL', POSTGRES],
] as const)('migrations of %s are only ever added', (store, steps) => {
	expect(steps.map(digest)).toEqual(RELEASED[store]);
});
