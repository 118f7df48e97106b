import { readFileSync } from 'node:fs';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface EnvironmentIssue {
	readonly path: string;
	readonly message: string;
}

/** The value of a variable, or the contents of the file that `NAME_FILE` points to, as container secrets are given. */
function lookUp(environment: Environment, variable: string): string | undefined {
	const value = environment[variable];
	if (value !== undefined) return value;
	const file = environment[`${variable}_FILE`];
	return file === undefined ? undefined : readFileSync(file, 'utf8').trimEnd();
}

/** Replaces `${NAME}` in every text of a parsed config file. */
export function expandVariables(
	value: unknown,
	environment: Environment,
	issues: EnvironmentIssue[],
	path = '',
): unknown {
	if (typeof value === 'string') {
		return value.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, variable: string) => {
			const found = readable(() => lookUp(environment, variable), path, issues);
			if (found === undefined) issues.push({ path, message: `${variable} is not set` });
			return found ?? whole;
		});
	}
	const below = (key: string | number): string => (path ? `${path}.${key}` : String(key));
	if (Array.isArray(value)) {
		return value.map((item, i) => expandVariables(item, environment, issues, below(i)));
	}
	if (typeof value === 'object' && value !== null) {
		return Object.fromEntries(
			Object.entries(value).map(([key, item]) => [
				key,
				expandVariables(item, environment, issues, below(key)),
			]),
		);
	}
	return value;
}

const PREFIX = 'SUREPING_';

/**
 * Lays `SUREPING_A__B=value` over the config as `a.b`, and `SUREPING_A__B_FILE=path` with that file's contents.
 * Values are read as JSON where they are JSON, as text otherwise. Only settings in `known` are looked at.
 */
export function applyOverrides(
	config: Record<string, unknown>,
	environment: Environment,
	known: readonly string[],
	issues: EnvironmentIssue[],
): Record<string, unknown> {
	let result = config;
	for (const variable of Object.keys(environment).sort()) {
		if (!variable.startsWith(PREFIX)) continue;
		const asked = variable.slice(PREFIX.length).toLowerCase();
		const fromFile = asked.endsWith('_file');
		const path = (fromFile ? asked.slice(0, -'_file'.length) : asked).split('__');
		if (!known.includes(path[0] ?? '')) continue;
		const name = fromFile ? variable.slice(0, -'_FILE'.length) : variable;
		const text = readable(() => lookUp(environment, name), path.join('.'), issues);
		if (text !== undefined) result = { ...result, ...setAt(result, path, parseValue(text)) };
	}
	return result;
}

function readable(
	read: () => string | undefined,
	path: string,
	issues: EnvironmentIssue[],
): string | undefined {
	try {
		return read();
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		issues.push({ path, message: `its file cannot be read: ${reason}` });
		return '';
	}
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
