/** One result of the doctor. */
export interface Finding {
	/** Part that was looked at, such as `runner` or `endpoint n8n`. */
	readonly what: string;
	readonly ok: boolean;
	readonly found: string;
	/** The change that would help, where the cause is known: a line of the config, a variable, a command. */
	readonly change?: string;
}
