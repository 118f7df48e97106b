/** The database cannot be used; the message says what to do about it. */
export class StoreError extends Error {
	override readonly name = 'StoreError';
}
