import { type Mistake, valueAt } from '../words/index.ts';

/** Findings about a config from before its settings are checked. */
export interface Findings {
	/** Variables that the config names and the environment does not have, each with the settings that name it. */
	readonly unset: { readonly variable: string; readonly paths: string[] }[];
	readonly refused: Mistake[];
	/** Sources of values that are not in the file: an empty variable, or (`isNote`) one that overrides a setting. */
	readonly origins: { readonly path: string; readonly text: string; readonly isNote?: true }[];
	/** Oddities that do not keep the config from being used. */
	readonly warnings: string[];
}

export const noFindings = (): Findings => ({ unset: [], refused: [], origins: [], warnings: [] });

/**
 * The error message, one line for each cause. Leaves out mistakes that only follow from another one: from a variable
 * that is not set, from a string that was refused, or from a misspelt name of the setting that is missing.
 * `settings` are those that were checked.
 */
export function errorLines(
	findings: Findings,
	found: readonly Mistake[],
	settings: unknown,
): readonly string[] {
	const { unset, refused, origins } = findings;
	const known = new Set([
		...unset.flatMap(({ paths }) => paths),
		...refused.map(({ path }) => path.join('.')),
	]);
	const misspelt = new Set(found.flatMap(meantBy));
	const parts = wrongParts([...known, ...found.map(({ path }) => path.join('.'))]);
	const reported = new Set<string>();
	const own = found.filter(({ path, message }) => {
		const at = path.join('.');
		const isMissing = valueAt(settings, path) === undefined;
		const follows =
			(isMissing && (misspelt.has(at) || reported.has(at))) ||
			upTo(path).some((above) => known.has(above)) ||
			message.split(/\W+/).some((word) => parts.get(at)?.has(word));
		reported.add(at);
		return !follows;
	});
	const originAt = new Map(origins.map((origin) => [origin.path, origin]));
	const explained = own.map(({ path, message }) => {
		const origin = upTo(path)
			.map((above) => originAt.get(above))
			.find((one) => one !== undefined);
		if (!origin) return { path, message };
		return { path, message: origin.isNote ? `${message} (${origin.text})` : origin.text };
	});
	const lines = [
		...unset.map(({ variable, paths }) => `${paths.join(', ')}: ${variable} is not set`),
		...[...refused, ...explained].map(lineOf),
	];
	return [...new Set(lines)];
}

/** The path and the paths of all that contain it, innermost first. */
const upTo = (path: Mistake['path']): string[] =>
	path.map((_, i) => path.slice(0, i + 1).join('.')).reverse();

/**
 * The wrong members of each object. A mistake of the whole object that names one of them is only a consequence: the
 * check of the object takes a wrong member as missing.
 */
function wrongParts(paths: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
	const parts = new Map<string, Set<string>>();
	for (const path of paths) {
		const end = path.lastIndexOf('.');
		const whole = path.slice(0, Math.max(0, end));
		const names = parts.get(whole) ?? new Set();
		parts.set(whole, names.add(path.slice(end + 1)));
	}
	return parts;
}

function lineOf({ path, message }: Mistake): string {
	// Names come from the file and may hold any character.
	const at = JSON.stringify(path.join('.')).slice(1, -1).replaceAll('\\"', '"');
	return path.length > 0 ? `${at}: ${message}` : message;
}

/** The path that the suggestion in a mistake about a misspelt name leads to. */
const meantBy = ({ path, unknown }: Mistake): string[] =>
	unknown?.meant === undefined ? [] : [[...path.slice(0, -1), unknown.meant].join('.')];
