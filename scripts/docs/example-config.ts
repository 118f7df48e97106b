import { stringify } from 'yaml';
import { type ServiceSettings, serviceSettings, settingsSchema } from './config-schema.ts';
import { type Setting, settingsOf } from './settings-tree.ts';

const HEAD = `# yaml-language-server: $schema=./config.schema.json
#
# Every setting of the runner, with its default. This file works as it is: set API_KEY in the environment to a key of at
# least 16 characters, then run: sureping serve --config sureping.example.yaml
#
# A line such as "#store: …" is a setting without a default; its value is an example. Remove the "#" to use it.
# \${NAME} is a variable of the environment, or the contents of the file that NAME_FILE names.
# Generated from the settings in runner/config/settings. docs/runner/configuration.md has bounds and details.
`;

/** `sureping.example.yaml`: every setting with its default, or with an example where it has none. */
export function exampleConfig(): string {
	const lines = settingsOf(settingsSchema()).flatMap((setting) => ['', ...linesOf(setting)]);
	return `${HEAD}${lines.join('\n')}\n`;
}

/**
 * One line for each setting that has neither a default nor an example, and so no value to show. A setting of a
 * connection is named with its service.
 */
export function missingExamples(
	services: readonly Pick<ServiceSettings, 'title' | 'schema'>[] = serviceSettings(),
): readonly string[] {
	return [
		...without(settingsOf(settingsSchema()), ''),
		...services.flatMap(({ title, schema }) =>
			without(settingsOf(schema), '').map((path) => `${path} of a connection (${title})`),
		),
	].map((setting) => `${setting} needs an example: add .meta({ examples: [...] }) to its schema`);
}

/** The paths of the settings without a value to show. */
function without(settings: readonly Setting[], above: string): readonly string[] {
	return settings.flatMap((setting) => {
		const path = above + setting.name;
		if (setting.isList || setting.settings.length > 0)
			return without(setting.settings, `${path}${setting.isList ? '[]' : ''}.`);
		return (setting.default ?? setting.example) === undefined ? [path] : [];
	});
}

/** A comment and the setting, which is commented out where it has no default. */
function linesOf(setting: Setting): readonly string[] {
	const lines = valueLines(setting);
	return [`# ${summary(setting)}`, ...(isOn(setting) ? lines : lines.map(off))];
}

const off = (line: string): string => `#${line}`;
const indented = (line: string): string => `  ${line}`;

/** An example stands in where a value is needed; of the two ways to give a key, the shorter one. */
function isOn({ name, isRequired, defaultText, ...setting }: Setting): boolean {
	if (setting.isList) return isRequired || SHOWN_LISTS.has(name);
	if (setting.settings.length > 0) return isRequired || defaultText === undefined;
	return isRequired || setting.default !== undefined || name === 'key';
}

/** Lists that may be empty and show an entry all the same. */
const SHOWN_LISTS: ReadonlySet<string> = new Set(['connections']);

function valueLines(setting: Setting): readonly string[] {
	const { name, settings } = setting;
	if (setting.isList) {
		const others = name === 'connections' ? serviceEntries() : [];
		return [`${name}:`, ...entryOf(settings.flatMap(linesOf)), ...others];
	}
	if (settings.length === 0) return [`${name}: ${inline(setting.default ?? setting.example)}`];
	// An object of optional settings would be empty without an example of each.
	const shown = settings.some(isOn) ? linesOf : shownAnyway;
	return [`${name}:`, ...settings.flatMap(shown).map(indented)];
}

const shownAnyway = (setting: Setting): readonly string[] => [
	`# ${summary(setting)}`,
	...valueLines(setting),
];

/** The lines of an entry of a list. Its first setting has the dash. */
function entryOf(lines: readonly string[]): readonly string[] {
	const first = lines.findIndex((line) => !line.startsWith('#'));
	return lines.map((line, i) => indented(i === first ? `- ${line}` : `  ${line}`));
}

/** An entry for each way to send, commented out. */
function serviceEntries(): readonly string[] {
	return serviceSettings()
		.filter(({ channel }) => channel !== 'console')
		.flatMap(({ channel, key, title, schema }) => {
			const name = `${channel}-${key.replaceAll('_', '-')}`;
			const own = settingsOf(schema).flatMap(linesOf);
			const entry = entryOf([`name: ${name}`, `channel: ${channel}`, ...own]);
			return ['', `  # ${title}.`, ...entry.map((line) => `  ${off(line.slice(2))}`)];
		});
}

/** The first sentence of the description, and the default where no value expresses it. */
function summary({ description, defaultText }: Setting): string {
	const [sentence = description] = description.match(/^.*?\.(?= [A-Z`]|$)/s) ?? [];
	return defaultText === undefined ? sentence : `${sentence} Default: ${defaultText}.`;
}

/** A value on one line. */
const inline = (value: unknown): string =>
	stringify(value, {
		collectionStyle: 'flow',
		flowCollectionPadding: false,
		lineWidth: 0,
		singleQuote: true,
	}).trimEnd();
