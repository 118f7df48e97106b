/** A failed API call in the terms of n8n's error classes: the error, and its remedy. */
export interface Explanation {
	readonly message: string;
	readonly description: string;
	/** The status of the answer; null when none came, or when it was a success. */
	readonly httpCode: string | null;
}
