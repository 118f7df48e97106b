/** `sureping init`, without its command line: from answers to files and the next steps. */
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { keyBeside } from '../folder-key.ts';
import { show } from '../output.ts';
import { type InitOptions, readOptions, withDefaults, WrongAnswer } from './answers.ts';
import { commandIn } from './command-name.ts';
import { USUAL_N8N, whyNoN8n } from './n8n-address.ts';
import { doctorCommand, nextSteps, type Step } from './next-steps.ts';
import { type Answers, filesOf, routeOf } from './plan.ts';
import { notesOnServiceNode } from './service-node.ts';
import { newSecrets } from './templates/index.ts';
import { notesOnFolder, notesOnKept, notesOnOthers, notesOnSecrets } from './notes.ts';
import { CannotWrite, type NewFile, placeOf, writeNew } from './write-files.ts';
import { USUAL_FILE } from '../../config/usual-file.ts';

export { CannotWrite, WrongAnswer };

/** Writes what is missing and prints what to do next. Throws a `WrongAnswer` or a `CannotWrite`; then nothing was written. */
export async function init(options: InitOptions): Promise<void> {
	const dir = folderOf(options.dir);
	const answers = await answersOf(options);
	const route = routeOf(answers);
	const files = filesOf(answers, route, newSecrets(), dir);
	const missing = missingOf(files, dir);
	refuseOtherCompose(files, dir);
	if (missing.length > 0) writeNew(dir, missing);

	const reason = await whyNoN8n(answers.n8n);
	const n8n =
		reason === undefined ? `n8n answers at ${shown(answers.n8n)}.` : unreached(answers, reason);
	const kept = files.filter((file) => !missing.includes(file));
	const notes = [
		n8n,
		...route.notes,
		...notesOnKept(kept, route, answers.publicUrl, dir),
		...notesOnFolder(dir),
		...notesOnOthers(kept, dir),
		...notesOnSecrets(dir),
		...(answers.placement === 'systemd' ? notesOnServiceNode() : []),
	];
	const key = options.showKey ? keyBeside(join(dir, USUAL_FILE)) : undefined;
	const call = { script: process.argv[1] ?? '', path: process.env.PATH ?? '', cwd: process.cwd() };
	const command = commandIn(dir, call);
	const situation = { answers, route, dir, cwd: process.cwd(), command, key };
	const steps = nextSteps(situation);
	const check = doctorCommand(situation);
	show(
		options.json,
		{
			ok: true,
			dir,
			files: files.map((file) => ({
				path: join(dir, file.name),
				state: missing.includes(file) ? 'written' : 'kept',
			})),
			n8n: { url: shown(answers.n8n), answers: reason === undefined },
			runner_url: route.runnerUrl,
			...(key === undefined ? {} : { key }),
			notes,
			next_steps: steps,
			check,
		},
		...written(dir, missing, kept),
		'',
		...notes,
		'',
		...steps.flatMap(stepLines),
		'',
		'Then this says what is missing between n8n and the runner:',
		`     ${check}`,
	);
}

/** The absolute path of the folder. Line breaks would end a line of the unit. */
function folderOf(dir: string): string {
	const path = resolve(dir);
	if (dir === '' || /\p{Cc}/u.test(path)) {
		throw new WrongAnswer('--dir must be the path of a folder, without control characters');
	}
	return path;
}

async function answersOf(options: InitOptions): Promise<Answers> {
	const given = readOptions(options);
	if (options.yes) return withDefaults(given);
	if (process.stdin.isTTY && process.stderr.isTTY && !options.json) {
		// Loaded only now: it is not needed with --yes.
		const { ask } = await import('./questions.ts');
		const answers = await ask(given);
		if (answers) return answers;
		throw new CannotWrite('Nothing was written.');
	}
	throw new WrongAnswer(
		`there is no terminal to ask at: add --yes, and where the default is wrong --n8n URL (${USUAL_N8N}), --docker or --systemd (neither: you start the runner yourself), --public-url URL (none), --dir DIR (this folder)`,
	);
}

/** The files that are not there. Throws if another file is in the place of one of them. */
function missingOf(files: readonly NewFile[], dir: string): readonly NewFile[] {
	const places = files.map((file) => ({ file, place: placeOf(join(dir, file.name)) }));
	const lines = places.flatMap(({ file, place }) =>
		place.is === 'foreign' ? [`  ${join(dir, file.name)} ${place.reason}`] : [],
	);
	if (lines.length > 0) {
		throw new CannotWrite(
			[
				'Nothing was written, because init overwrites no file:',
				...lines,
				'Use a folder of its own, such as --dir sureping, or move these files away.',
			].join('\n'),
		);
	}
	return places.flatMap(({ file, place }) => (place.is === 'free' ? [file] : []));
}

/** Docker Compose reads `compose.yaml` in place of the other names, so that a service described there would be lost. */
function refuseOtherCompose(files: readonly NewFile[], dir: string): void {
	if (!files.some(({ name }) => name === 'compose.yaml')) return;
	const others = listed(dir).filter((name) => /^(docker-)?compose\.ya?ml$/.test(name));
	const other = others.find((name) => name !== 'compose.yaml');
	if (other === undefined) return;
	throw new CannotWrite(
		`Nothing was written: ${join(dir, other)} is there, and Docker Compose would read compose.yaml in its place.\nUse a folder of its own, such as --dir sureping.`,
	);
}

function listed(dir: string): readonly string[] {
	try {
		return readdirSync(dir);
	} catch {
		// It is made later, or refused with its reason.
		return [];
	}
}

const shown = (url: URL): string => url.href.replace(/\/$/, '');

const unreached = ({ n8n }: Answers, reason: string): string =>
	`n8n does not answer at ${shown(n8n)} from here: ${reason}. The files are right if that is its address.`;

function written(
	dir: string,
	missing: readonly NewFile[],
	kept: readonly NewFile[],
): readonly string[] {
	const line = ({ name, about }: NewFile): string => `  ${name.padEnd(17)} ${about}`;
	if (missing.length === 0) return [`Nothing was changed: ${dir} has everything already.`];
	return [
		`Written to ${dir}:`,
		...missing.map(line),
		...(kept.length === 0 ? [] : ['Kept as they are:', ...kept.map(line)]),
	];
}

const stepLines = ({ does, lines }: Step, index: number): readonly string[] => [
	`${index + 1}. ${does}:`,
	...lines.map((line) => `     ${line}`),
];
