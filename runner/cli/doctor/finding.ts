/** One result of the doctor. */
export interface Finding {
	/** What was looked at, such as `runner` or `endpoint n8n`. */
	readonly what: string;
	readonly ok: boolean;
	readonly found: string;
	/** What to change, where a setting or a variable is known to be the cause. */
	readonly change?: string;
}
