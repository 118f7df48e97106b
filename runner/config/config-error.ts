const HOW_TO_SET =
	'Set a variable in the environment, or NAME_FILE to a file that holds its value.';

/** A config that cannot be used, with all of its mistakes, each with the path of its setting. */
export class ConfigError extends Error {
	override readonly name = 'ConfigError';
	readonly issues: readonly string[];

	constructor(source: string, issues: readonly string[]) {
		const hint = issues.some((issue) => issue.endsWith(' is not set')) ? [HOW_TO_SET] : [];
		super(
			[`${source} cannot be used:`, ...issues.map((issue) => `  ${issue}`), ...hint].join('\n'),
		);
		this.issues = issues;
	}
}
