/** The database cannot be used; the message has the remedy. */
export class StoreError extends Error {
	override readonly name = 'StoreError';
}

/** The store cannot take anything at the moment, such as while the disk is full. */
export class StoreUnavailable extends Error {
	override readonly name = 'StoreUnavailable';
	/** The connection was lost while the change was committed: it may be stored. Otherwise nothing of it is. */
	readonly isUnknown: boolean;
	/**
	 * True when the store recovers by itself, or with the machine. Otherwise the database must be repaired and the
	 * runner restarted.
	 */
	readonly isPassing: boolean;

	constructor(
		message: string,
		{
			isUnknown = false,
			isPassing = true,
			...options
		}: ErrorOptions & { readonly isUnknown?: boolean; readonly isPassing?: boolean } = {},
	) {
		super(message, options);
		this.isUnknown = isUnknown;
		this.isPassing = isPassing;
	}
}

/** Too many reads are waiting. The stored data is unaffected. */
export class ReadsBusy extends Error {
	override readonly name = 'ReadsBusy';
}

/** A stored row cannot be read or processed; a retry would fail the same way. */
export class BrokenRow extends Error {
	override readonly name = 'BrokenRow';
}
