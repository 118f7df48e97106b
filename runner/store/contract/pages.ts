/** Part of a list, newest first. `nextCursor` is absent at its end. */
export interface Page<T> {
	readonly items: readonly T[];
	readonly nextCursor?: string;
}

export interface PageRequest {
	/** The `nextCursor` of the page before. */
	readonly after?: string | undefined;
	readonly limit: number;
}
