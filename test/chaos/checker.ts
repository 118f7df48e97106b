// Judges a run by what its sinks, its load, its feed reader and its killer noted and by what the store holds, and by
// nothing else. Argument: the run's directory. Prints the figures and each check, and leaves verdict.json.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { factsOf, figuresOf, gatherEvidence, judge } from './check/index.ts';

const MOST_SHOWN = 5;

const [directory = '.'] = process.argv.slice(2);
const facts = factsOf(await gatherEvidence(directory));
for (const [label, value] of figuresOf(facts)) {
	console.log(`${label.padEnd(48)}${String(value).padStart(8)}`);
}
const results = judge(facts);
for (const { name, violations } of results) {
	console.log(`${violations.length === 0 ? '✓' : '✗'} ${name}`);
	for (const violation of violations.slice(0, MOST_SHOWN)) console.log(`    ${violation}`);
	if (violations.length > MOST_SHOWN) console.log(`    … ${violations.length} in all`);
}
writeFileSync(join(directory, 'verdict.json'), JSON.stringify(results));
