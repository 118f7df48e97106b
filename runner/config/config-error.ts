const HOW_TO_SET =
	'Set a variable in the environment or in the file .env beside the config, or NAME_FILE to a file that holds its value.';

/** A config that cannot be used, with all of its mistakes, each with the path of its setting. */
export class ConfigError extends Error {
	override readonly name = 'ConfigError';
	readonly issues: readonly string[];
	/** True if the config names a variable that is not set. */
	readonly namesUnset: boolean;

	constructor(source: string, issues: readonly string[]) {
		const namesUnset = issues.some((issue) => issue.endsWith(' is not set'));
		const hint = namesUnset ? [HOW_TO_SET] : [];
		super(
			[`${source} cannot be used:`, ...issues.map((issue) => `  ${issue}`), ...hint].join('\n'),
		);
		this.issues = issues;
		this.namesUnset = namesUnset;
	}
}
