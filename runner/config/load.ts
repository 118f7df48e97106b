import { DEFAULT_RETRY } from '@sureping/engine';
import { type Mistake, mistakesOf } from '../words/index.ts';
import type { Config } from './config.ts';
import { ConfigError } from './config-error.ts';
import { openConnections, toMisspelt } from './connections.ts';
import { refuseControlCharacters } from './control-characters.ts';
import { environmentOf } from './env-file.ts';
import { errorLines, noFindings } from './error-lines.ts';
import { applyOverrides } from './overrides.ts';
import { resolveConfig } from './resolve.ts';
import { configSchema } from './settings/index.ts';
import { parseSource, readSource, type Source } from './source.ts';
import { type Environment, expandVariables } from './variables.ts';

/** Reads a YAML or JSON config file, and the `.env` beside it. Throws a `ConfigError`. */
export function loadConfig(file: string, environment: Environment): Config {
	return load(file, environment, parseConfig);
}

/** Settings that a command may need without the rest of the config. */
type SingleSetting = 'store' | 'public_url';

/**
 * Reads one setting as the runner would use it; undefined where it is not set. The rest of the file may have mistakes, or
 * name variables that are not set. Throws a `ConfigError` for a mistake in this setting or in the file's YAML.
 */
export function loadSetting(
	file: string,
	environment: Environment,
	setting: SingleSetting,
): string | undefined {
	return load(file, environment, (text, source, all) => parseSetting(text, source, all, setting));
}

/** Parses the text of a config file with the variables of the environment and of the `.env` beside it. */
function load<T>(
	file: string,
	environment: Environment,
	parse: (text: string, source: string, environment: Environment) => T,
): T {
	const name = file === '' ? 'The config' : file;
	const text = must(readSource(file), name);
	const { environment: all, problem } = environmentOf(file, environment);
	try {
		return parse(text, name, all);
	} catch (error) {
		if (!(error instanceof ConfigError && error.namesUnset) || problem === undefined) throw error;
		throw new ConfigError(name, [...error.issues, problem]);
	}
}

/** Parses and checks the text of a config file. `source` names it in errors. Throws a `ConfigError` with all mistakes. */
export function parseConfig(text: string, source: string, environment: Environment): Config {
	const written = must(parseSource(text), source);
	const findings = noFindings();
	const expanded = expandVariables(written, environment, findings);
	const settings = applyOverrides(
		isRecord(expanded) ? expanded : {},
		environment,
		Object.keys(configSchema.shape),
		findings,
	);
	refuseControlCharacters(settings, findings.refused);
	const parsed = configSchema.safeParse(settings);
	const issues: Mistake[] = [];
	if (!parsed.success) {
		issues.push(
			...mistakesOf(parsed.error.issues, settings).map((one) => toMisspelt(one, settings)),
		);
		// The connections are checked as well, so that all mistakes show at once.
		const list = Array.isArray(settings.connections) ? settings.connections : [];
		openConnections(list, DEFAULT_RETRY, issues);
		throw new ConfigError(source, errorLines(findings, issues, settings));
	}
	const config = resolveConfig(parsed.data, issues);
	const lines = errorLines(findings, issues, settings);
	if (lines.length > 0) throw new ConfigError(source, lines);
	return { ...config, warnings: [...findings.warnings, ...config.warnings] };
}

function parseSetting(
	text: string,
	source: string,
	environment: Environment,
	setting: SingleSetting,
): string | undefined {
	const { [setting]: own } = must(parseSource(text), source);
	const findings = noFindings();
	const written = own === undefined ? {} : { [setting]: own };
	const expanded = expandVariables(written, environment, findings);
	const settings = applyOverrides(
		isRecord(expanded) ? expanded : {},
		environment,
		[setting],
		findings,
	);
	refuseControlCharacters(settings, findings.refused);
	const parsed = configSchema.pick({ [setting]: true }).safeParse(settings);
	const issues = parsed.success ? [] : mistakesOf(parsed.error.issues, settings);
	const lines = errorLines(findings, issues, settings);
	if (lines.length > 0) throw new ConfigError(source, lines);
	return parsed.data?.[setting];
}

function must<T>(read: Source<T>, source: string): T {
	if (read.ok) return read.value;
	throw new ConfigError(source, [read.reason]);
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
