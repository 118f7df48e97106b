import { configJsonSchema } from './config-schema.ts';
import { exampleConfig } from './example-config.ts';
import { withTables } from './marked-tables.ts';
import { serviceTables, settingsTables, variableTable } from './settings-tables.ts';

/** The page of the docs whose tables are made of the settings. */
export const PAGE = 'docs/runner/configuration.md';

/** The files of the `sureping` package that are made of the settings, by their path from the root. */
export const packageFiles = (): Readonly<Record<string, string>> => ({
	'runner/config.schema.json': `${JSON.stringify(configJsonSchema(), null, '\t')}\n`,
	'runner/sureping.example.yaml': exampleConfig(),
});

/** The docs page with its tables made anew; the rest of it is written by hand. */
export function configurationPage(page: string): string {
	const tables = {
		settings: settingsTables(),
		services: serviceTables(),
		variables: variableTable(),
	};
	return withTables(PAGE, page, tables);
}
