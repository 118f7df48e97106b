import { configJsonSchema } from './config-schema.ts';
import { exampleConfig } from './example-config.ts';
import { withTables } from './marked-tables.ts';
import { serviceTables, settingsTables, variableTable } from './settings-tables.ts';

/** The page of the docs with tables generated from the settings. */
export const PAGE = 'docs/runner/configuration.md';

/** The files of the `sureping` package that are generated from the settings, by their path from the root. */
export const packageFiles = (): Readonly<Record<string, string>> => ({
	'runner/config.schema.json': `${JSON.stringify(configJsonSchema(), null, '\t')}\n`,
	'runner/sureping.example.yaml': exampleConfig(),
});

/** The docs page with its tables regenerated; the rest is written by hand. */
export function configurationPage(page: string): string {
	const tables = {
		settings: settingsTables(),
		services: serviceTables(),
		variables: variableTable(),
	};
	return withTables(PAGE, page, tables);
}
