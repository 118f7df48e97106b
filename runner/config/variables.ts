import { readFileSync } from 'node:fs';
import { fileReason } from '../words/index.ts';
import type { Findings } from './error-lines.ts';

/** The variables of a process, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The value of a variable, or the contents of the file that `NAME_FILE` names, as container platforms supply secrets.
 * Undefined where neither is set. `path` is the setting that is blamed for a file that cannot be read.
 */
export function valueOf(
	environment: Environment,
	variable: string,
	path: string,
	findings: Findings,
): string | undefined {
	const value = environment[variable];
	if (value !== undefined) return value;
	const file = environment[`${variable}_FILE`];
	if (file === undefined) return undefined;
	try {
		return readFileSync(file, 'utf8').trimEnd();
	} catch (error) {
		const message = `${variable}_FILE names "${file}", which cannot be read: ${fileReason(error)}`;
		findings.refused.push({ path: path.split('.'), message });
		return '';
	}
}

/** Replaces `${NAME}` in every string of a parsed config file. */
export function expandVariables(
	value: unknown,
	environment: Environment,
	findings: Findings,
	path = '',
): unknown {
	if (typeof value === 'string') {
		return value.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, variable: string) => {
			const found = valueOf(environment, variable, path, findings);
			if (found === undefined) addUnset(findings, variable, path);
			if (found === '') findings.origins.push({ path, text: `${variable} is empty` });
			return found ?? whole;
		});
	}
	const below = (key: string | number): string => (path ? `${path}.${key}` : String(key));
	if (Array.isArray(value)) {
		return value.map((item, i) => expandVariables(item, environment, findings, below(i)));
	}
	if (typeof value === 'object' && value !== null) {
		return Object.fromEntries(
			Object.entries(value).map(([key, item]) => [
				key,
				expandVariables(item, environment, findings, below(key)),
			]),
		);
	}
	return value;
}

function addUnset({ unset }: Findings, variable: string, path: string): void {
	const known = unset.find((one) => one.variable === variable);
	if (known) known.paths.push(path);
	else unset.push({ variable, paths: [path] });
}
