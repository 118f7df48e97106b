import { nearest } from '../words/nearest.ts';
import type { Findings } from './error-lines.ts';
import { type Environment, valueOf } from './variables.ts';

const PREFIX = 'SUREPING_';

/** Shorter names resemble too many others to suggest one. */
const SHORTEST_MISSPELT = 5;

/**
 * Overrides settings from the environment: `SUREPING_A__B=value` sets `a.b`, and `SUREPING_A__B_FILE=path` sets it to the
 * contents of that file. A value is parsed as JSON if it is JSON, and taken as a string otherwise. Variables whose first
 * name is not in `known` are ignored.
 */
export function applyOverrides(
	config: Record<string, unknown>,
	environment: Environment,
	known: readonly string[],
	findings: Findings,
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
				findings.warnings.push(`${variable} is ignored; the setting is ${name}`);
			}
			continue;
		}
		const name = fromFile ? variable.slice(0, -'_FILE'.length) : variable;
		const at = path.join('.');
		const text = valueOf(environment, name, at, findings);
		if (text === undefined) continue;
		findings.origins.push({ path: at, text: `as ${variable} has it`, isNote: true });
		const refusal = refuseIndex(result, path);
		if (refusal !== undefined) findings.refused.push({ path: [variable], message: refusal });
		else result = { ...result, ...setAt(result, path, parseValue(text)) };
	}
	return result;
}

/** Refuses a variable that names an entry of a list by anything but its index, from 0. */
function refuseIndex(target: unknown, [key = '', ...rest]: readonly string[]): string | undefined {
	if (Array.isArray(target) && !(/^\d{1,4}$/.test(key) && Number(key) <= target.length)) {
		return `"${key}" is not an index of the list, which starts at 0; the next one is ${target.length}`;
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
