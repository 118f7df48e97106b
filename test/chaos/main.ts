// `npm run test:chaos [-- --store sqlite|postgres|URL --kills N --stops N --processes N --seed S --rate 25 --mutants
// --mutant NAME --keep --incidents]`: sends under fire, and what became of each. Ends with `N passed, N failed`.
import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { MUTANTS } from './mutants/index.ts';
import { runChaos } from './run.ts';

const { values } = parseArgs({
	options: {
		kills: { type: 'string' },
		seed: { type: 'string', default: String(Date.now()) },
		rate: { type: 'string', default: '25' },
		store: { type: 'string', default: 'sqlite' },
		processes: { type: 'string' },
		stops: { type: 'string' },
		mutants: { type: 'boolean', default: false },
		mutant: { type: 'string' },
		/** Sends open incidents, and the answers to them are judged. */
		incidents: { type: 'boolean', default: false },
		/** Leaves the run's directory where it is. */
		keep: { type: 'boolean', default: false },
	},
});

/** Unless said otherwise. A mutant's run is as long as it takes to have been at the points that show it. */
const SIZES = {
	sqlite: { processes: 1, kills: 100, stops: 0, mutant: { kills: 16, stops: 0 } },
	postgres: { processes: 3, kills: 50, stops: 10, mutant: { kills: 30, stops: 4 } },
} as const;
const sizes = SIZES[values.store.startsWith('postgres') ? 'postgres' : 'sqlite'];

const wanted = MUTANTS.filter(({ name }) => values.mutants || name === values.mutant);
if (values.mutant !== undefined && wanted.length === 0) {
	console.error(`There is no mutant ${values.mutant}; ${MUTANTS.map((m) => m.name).join(', ')}`);
	process.exit(2);
}

const options = {
	seed: values.seed,
	rate: Number(values.rate),
	store: values.store,
	processes: Number(values.processes ?? sizes.processes),
	keeps: values.keep,
	hasIncidents: values.incidents,
};
const size = wanted.length > 0 ? sizes.mutant : sizes;
const kills = Number(values.kills ?? size.kills);
const stops = Number(values.stops ?? size.stops);

let passed = 0;
let failed = 0;
if (wanted.length === 0) {
	const checks = await runChaos({ ...options, kills, stops });
	passed = checks.filter(({ violations }) => violations.length === 0).length;
	failed = checks.length - passed;
}
for (const mutant of wanted) {
	console.log(`\nMutant: ${mutant.name}`);
	const hasIncidents = options.hasIncidents || mutant.hasIncidents === true;
	const checks = await runChaos({ ...options, kills, stops, mutant, hasIncidents });
	const noticed = checks.filter(({ violations }) => violations.length > 0).map(({ name }) => name);
	const isCaught = mutant.breaks.some((check) => noticed.includes(check));
	console.log(isCaught ? `caught: ${noticed.join('; ')}` : 'NOT CAUGHT');
	if (isCaught) passed++;
	else failed++;
}

const line = `${passed} passed, ${failed} failed`;
const { SUREPING_TEST_COUNT_FILE: countFile } = process.env;
if (countFile) appendFileSync(countFile, `${line}\n`);
console.log(line);
process.exitCode = failed > 0 ? 1 : 0;
