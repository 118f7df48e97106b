/** The database cannot be used; the message says what to do about it. */
export class StoreError extends Error {
	override readonly name = 'StoreError';
}

/** The store cannot take anything at the moment, such as while the disk is full. */
export class StoreUnavailable extends Error {
	override readonly name = 'StoreUnavailable';
	/** The connection was lost while the change was committed: it may be stored. Otherwise nothing of it is. */
	readonly isUnknown: boolean;
	/** It recovers by itself, or once the machine does. Otherwise the database must be repaired and the runner restarted. */
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

/** Too many reads are waiting. It says nothing about what is stored. */
export class ReadsBusy extends Error {
	override readonly name = 'ReadsBusy';
}

/** A stored row cannot be read or not be taken a step further: trying again changes nothing. */
export class BrokenRow extends Error {
	override readonly name = 'BrokenRow';
}
