import { serviceSettings, settingsSchema } from './config-schema.ts';
import { type Setting, settingsOf } from './settings-tree.ts';

/** A setting of the docs page, by its whole path: `list[].name` is a setting of each entry. */
interface Row extends Setting {
	readonly path: string;
}

const HEADER = '| Setting | Value | Default | Meaning |\n| --- | --- | --- | --- |';

/** The tables of all settings, one for each object or list of the config and one for all other settings. */
export function settingsTables(): string {
	const settings = settingsOf(settingsSchema());
	const single = settings.filter((one) => one.settings.length === 0);
	const sections = settings.filter((one) => one.settings.length > 0);
	return [
		`### General\n\n${tableOf(single.flatMap((one) => rowsOf(one)))}`,
		...sections.map((one) => `### \`${one.name}\`\n\n${tableOf(rowsOf(one))}`),
	].join('\n\n');
}

/** The tables of the settings that connections of each service have. */
export function serviceTables(): string {
	return serviceSettings()
		.map(({ channel, key, title, schema }) => {
			const rows = settingsOf(schema).flatMap((one) => rowsOf(one));
			const from = `\`channel: ${channel}\` with \`${key}\``;
			return `### ${title}\n\n${from}\n\n${tableOf(rows)}`;
		})
		.join('\n\n');
}

/** The variables that override settings. Those within lists have the number of their entry in their name. */
export function variableTable(): string {
	const rows = settingsOf(settingsSchema())
		.filter(({ isList }) => !isList)
		.flatMap((one) => rowsOf(one))
		.filter(({ settings }) => settings.length === 0)
		.map(({ path }) => `| \`${variableOf(path)}\` | \`${path}\` |`);
	return ['| Variable | Setting |\n| --- | --- |', ...rows].join('\n');
}

const variableOf = (path: string): string => `SUREPING_${path.replaceAll('.', '__').toUpperCase()}`;

function rowsOf(setting: Setting, above = ''): readonly Row[] {
	const path = above + setting.name;
	const below = `${path}${setting.isList ? '[]' : ''}.`;
	return [{ ...setting, path }, ...setting.settings.flatMap((one) => rowsOf(one, below))];
}

const tableOf = (rows: readonly Row[]): string => [HEADER, ...rows.map(lineOf)].join('\n');

function lineOf({ path, values, description, ...setting }: Row): string {
	const cells = [`\`${path}\``, values, defaultOf(setting), description];
	return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function defaultOf(setting: Omit<Setting, 'name' | 'values' | 'description'>): string {
	const { isRequired, isList, settings, defaultText } = setting;
	if (isRequired) return 'required';
	if (defaultText !== undefined) return defaultText;
	if (settings.length > 0 && !isList) return 'see below';
	const value = setting.default;
	return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
