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
	const own = found.filter(({ path, message }, i) => {
		const isTold = found.slice(0, i).some((earlier) => samePath(earlier.path, path));
		if (isTold && message.startsWith('is needed')) return false;
		if (isOfPart(path, message, [...known, ...found.map((one) => one.path.join('.'))]))
			return false;
		if (path.some((_, i) => known.has(path.slice(0, i + 1).join('.')))) return false;
		return !(misspelt.has(path.join('.')) && message.startsWith('is needed'));
	});
	const explained = own.map(({ path, message }) => {
		const at = path.join('.');
		const origin = origins.find((one) => at === one.path || at.startsWith(`${one.path}.`));
		if (!origin) return { path, message };
		return { path, message: origin.isNote ? `${message} (${origin.text})` : origin.text };
	});
	const lines = [
		...unset.map(({ variable, paths }) => `${paths.join(', ')}: ${variable} is not set`),
		...[...refused, ...explained].map(lineOf),
	];
	return [...new Set(lines)];
}

function lineOf({ path, message }: Mistake): string {
	// A name in the file may hold anything.
	const at = JSON.stringify(path.join('.')).slice(1, -1).replaceAll('\\"', '"');
	return path.length > 0 ? `${at}: ${message}` : message;
}

/** About the whole, while a part that it names is wrong by itself: that part is then taken as missing. */
function isOfPart(path: Mistake['path'], message: string, wrong: readonly string[]): boolean {
	const start = [...path, ''].join('.');
	const parts = wrong.flatMap((at) => (at.startsWith(start) ? [at.slice(start.length)] : []));
	return parts.some((part) => /^\w+$/.test(part) && message.split(/\W+/).includes(part));
}

const samePath = (one: Mistake['path'], other: Mistake['path']): boolean =>
	one.join('.') === other.join('.');

/** The path of the setting that a misspelt one was meant to be. */
function meantBy({ path, message }: Mistake): string[] {
	const [, meant] = /did you mean "(.*)"\?$/.exec(message) ?? [];
	return meant === undefined ? [] : [[...path.slice(0, -1), meant].join('.')];
}
