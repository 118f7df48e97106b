import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

export interface CliOption {
	readonly flags: string;
	readonly long: string;
	readonly description: string;
	readonly defaultValue?: unknown;
}

/** A command that does something; groups of commands are left out. */
export interface CliCommand {
	/** `endpoints list`. */
	readonly name: string;
	readonly description: string;
	readonly options: readonly CliOption[];
	readonly help: string;
}

const SCRIPT = `
import { createProgram } from ${JSON.stringify(pathToFileURL('runner/cli/program.ts').href)};
const walk = (command, path) => {
	const below = command.commands.flatMap((one) => walk(one, [...path, one.name()]));
	if (below.length > 0) return below;
	const options = command.options.map(({ flags, long, description, defaultValue }) => ({
		flags, long, description, defaultValue,
	}));
	const help = command.helpInformation();
	return [{ name: path.join(' '), description: command.description(), options, help }];
};
console.log(JSON.stringify(walk(createProgram(), [])));
`;

/** Every command of the sources, in a process of its own: their libraries are ES modules, which jest does not load. */
export function cliCommands(env: Readonly<Record<string, string>> = {}): readonly CliCommand[] {
	const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', SCRIPT], {
		encoding: 'utf8',
		env: { ...process.env, ...env },
		timeout: 20_000,
	});
	if (stdout === '') throw new Error(stderr);
	// The script above wrote it.
	return JSON.parse(stdout) as CliCommand[];
}
