/** A row that cannot be read. */
export interface Broken {
	readonly id: string;
	readonly error: unknown;
}
