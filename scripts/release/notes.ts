// `node scripts/release/notes.ts v0.2.0`: prints what CHANGELOG.md has about the version of the tag, for the notes of the
// release on GitHub. Links lead to the files as they are at the tag.
import { readFileSync } from 'node:fs';
import { notesOf } from './changelog.ts';
import { versionOf } from './version.ts';

const [tag = ''] = process.argv.slice(2);
const notes = notesOf(readFileSync('CHANGELOG.md', 'utf8'), versionOf(tag));
if (notes === undefined) {
	console.error(`CHANGELOG.md has no section for ${tag}.`);
	process.exitCode = 1;
} else {
	const files = `https://github.com/sureping/sureping/blob/${tag}/`;
	console.log(notes.replaceAll(/\]\((?![a-z]+:|#)/g, `](${files}`));
}
