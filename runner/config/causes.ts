import type { Mistake } from '../words/index.ts';

/** What is known of a config before it is checked. */
export interface Causes {
	/** Variables of the environment that it names and nobody set. */
	readonly unset: { readonly variable: string; readonly paths: string[] }[];
	readonly refused: Mistake[];
	/** Where values came from that are not in the file: an empty variable, or (`isNote`) one that took a setting's place. */
	readonly origins: { readonly path: string; readonly text: string; readonly isNote?: true }[];
	/** What keeps nobody from using it. */
	readonly warnings: string[];
}

export const noCauses = (): Causes => ({ unset: [], refused: [], origins: [], warnings: [] });

/**
 * One line for each cause: what follows from an unset variable, from a text that was refused before, or from a misspelt
 * name of the setting that is missed, is left out.
 */
export function linesOf(causes: Causes, found: readonly Mistake[]): readonly string[] {
	const { unset, refused, origins } = causes;
	const known = new Set([
		...unset.flatMap(({ paths }) => paths),
		...refused.map(({ path }) => path.join('.')),
	]);
	const misspelt = new Set(found.flatMap(meantBy));
	const parts = wrongParts([...known, ...found.map(({ path }) => path.join('.'))]);
	const told = new Set<string>();
	const own = found.filter(({ path, message }) => {
		const at = path.join('.');
		const isNeeded = message.startsWith('is needed');
		const follows =
			(isNeeded && (misspelt.has(at) || told.has(at))) ||
			upTo(path).some((above) => known.has(above)) ||
			message.split(/\W+/).some((word) => parts.get(at)?.has(word));
		told.add(at);
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

/** The path and those of what it is in. */
const upTo = (path: Mistake['path']): string[] =>
	path.map((_, i) => path.slice(0, i + 1).join('.')).reverse();

/**
 * The wrong members of each object. What is said of the whole and names one of them follows from it: what is wrong by
 * itself was taken as missing.
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
	// A name in the file may hold anything.
	const at = JSON.stringify(path.join('.')).slice(1, -1).replaceAll('\\"', '"');
	return path.length > 0 ? `${at}: ${message}` : message;
}

const ASKED = 'did you mean "';

/** The path of the setting that a misspelt one was meant to be. */
function meantBy({ path, message }: Mistake): string[] {
	const start = message.indexOf(ASKED);
	if (start === -1 || !message.endsWith('"?')) return [];
	const meant = message.slice(start + ASKED.length, -'"?'.length);
	return [[...path.slice(0, -1), meant].join('.')];
}
