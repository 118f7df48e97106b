// `node scripts/release/check-tag.ts v0.2.0`: fails if the tag, a package.json, package-lock.json and CHANGELOG.md do
// not name the same version. The release workflow begins with it.
import { readFileSync } from 'node:fs';
import { versions } from './manifests.ts';
import { problemsOfTag } from './problems.ts';

const [tag = ''] = process.argv.slice(2);
const problems = problemsOfTag(tag, versions('.'), readFileSync('CHANGELOG.md', 'utf8'));
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
