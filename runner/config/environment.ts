import { readFileSync } from 'node:fs';
import { fileReason } from '../words/index.ts';
import { nearest } from '../words/nearest.ts';
import type { Causes } from './causes.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of a variable, or the contents of the file that `NAME_FILE` points to, as container secrets are given. */
function lookUp(
	environment: Environment,
	variable: string,
	path: string,
	causes: Causes,
): string | undefined {
	const value = environment[variable];
	if (value !== undefined) return value;
	const file = environment[`${variable}_FILE`];
	if (file === undefined) return undefined;
	try {
		return readFileSync(file, 'utf8').trimEnd();
	} catch (error) {
		const message = `${variable}_FILE names "${file}", which cannot be read: ${fileReason(error)}`;
		causes.refused.push({ path: path.split('.'), message });
		return '';
	}
}

/** Replaces `${NAME}` in every text of a parsed config file. */
export function expandVariables(
	value: unknown,
	environment: Environment,
	causes: Causes,
	path = '',
): unknown {
	if (typeof value === 'string') {
		return value.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, variable: string) => {
			const found = lookUp(environment, variable, path, causes);
			if (found === undefined) addUnset(causes, variable, path);
			if (found === '') causes.origins.push({ path, text: `${variable} is empty` });
			return found ?? whole;
		});
	}
	const below = (key: string | number): string => (path ? `${path}.${key}` : String(key));
	if (Array.isArray(value)) {
		return value.map((item, i) => expandVariables(item, environment, causes, below(i)));
	}
	if (typeof value === 'object' && value !== null) {
		return Object.fromEntries(
			Object.entries(value).map(([key, item]) => [
				key,
				expandVariables(item, environment, causes, below(key)),
			]),
		);
	}
	return value;
}

function addUnset({ unset }: Causes, variable: string, path: string): void {
	const known = unset.find((one) => one.variable === variable);
	if (known) known.paths.push(path);
	else unset.push({ variable, paths: [path] });
}

const PREFIX = 'SUREPING_';

/** Names of fewer letters are near to almost anything. */
const SHORTEST_MISSPELT = 5;

/**
 * Lays `SUREPING_A__B=value` over the config as `a.b`, and `SUREPING_A__B_FILE=path` with that file's contents.
 * Values are read as JSON where they are JSON, as text otherwise. Only settings in `known` are looked at.
 */
export function applyOverrides(
	config: Record<string, unknown>,
	environment: Environment,
	known: readonly string[],
	causes: Causes,
): Record<string, unknown> {
	let result = config;
	for (const variable of Object.keys(environment).sort()) {
		if (!variable.startsWith(PREFIX)) continue;
		const asked = variable.slice(PREFIX.length).toLowerCase();
		const fromFile = asked.endsWith('_file');
		const path = (fromFile ? asked.slice(0, -'_file'.length) : asked).split('__');
		const [setting = ''] = path;
		if (!known.includes(setting)) {
			const meant = setting.length < SHORTEST_MISSPELT ? undefined : nearest(setting, known);
			if (meant !== undefined) {
				const name = PREFIX + [meant, ...path.slice(1)].join('__').toUpperCase();
				causes.warnings.push(`${variable} is ignored; the setting is ${name}`);
			}
			continue;
		}
		const name = fromFile ? variable.slice(0, -'_FILE'.length) : variable;
		const at = path.join('.');
		const text = lookUp(environment, name, at, causes);
		if (text === undefined) continue;
		causes.origins.push({ path: at, text: `as ${variable} has it`, isNote: true });
		const refusal = refuseIndex(result, path);
		if (refusal !== undefined) causes.refused.push({ path: [variable], message: refusal });
		else result = { ...result, ...setAt(result, path, parseValue(text)) };
	}
	return result;
}

/** An entry of a list is known by its number, from 0. */
function refuseIndex(target: unknown, [key = '', ...rest]: readonly string[]): string | undefined {
	if (Array.isArray(target) && !(/^\d{1,4}$/.test(key) && Number(key) <= target.length)) {
		return `"${key}" is not the number of an entry, which count from 0; the next one is ${target.length}`;
	}
	if (rest.length === 0 || typeof target !== 'object' || target === null) return undefined;
	return refuseIndex(Object.entries(target).find(([name]) => name === key)?.[1], rest);
}

function parseValue(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

function setAt(target: unknown, [key = '', ...rest]: readonly string[], value: unknown): object {
	const existing: object = typeof target === 'object' && target !== null ? target : {};
	const current: unknown = Object.entries(existing).find(([name]) => name === key)?.[1];
	const next = rest.length === 0 ? value : setAt(current, rest, value);
	if (!Array.isArray(existing)) return { ...existing, [key]: next };
	const copy: unknown[] = [...existing];
	copy[Number(key)] = next;
	return copy;
}
