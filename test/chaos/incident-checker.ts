// Judges a run with incidents by what its sinks, its load and its feed reader noted and by what the store holds.
// Argument: the run's directory. Prints the figures and each check, and leaves verdict.json.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { figuresOfIncidents, gatherIncidents, judgeIncidents } from './check/incidents.ts';

const MOST_SHOWN = 5;

const [directory = '.'] = process.argv.slice(2);
const facts = await gatherIncidents(directory);
for (const [label, value] of figuresOfIncidents(facts)) {
	console.log(`${label.padEnd(48)}${String(value).padStart(8)}`);
}
const results = judgeIncidents(facts);
for (const { name, violations } of results) {
	console.log(`${violations.length === 0 ? '✓' : '✗'} ${name}`);
	for (const violation of violations.slice(0, MOST_SHOWN)) console.log(`    ${violation}`);
	if (violations.length > MOST_SHOWN) console.log(`    … ${violations.length} in all`);
}
writeFileSync(join(directory, 'verdict.json'), JSON.stringify(results));
