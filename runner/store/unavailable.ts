/** The store cannot take anything at the moment, such as while the disk is full. */
export class StoreUnavailable extends Error {
	override readonly name = 'StoreUnavailable';
	/** The connection was lost while the change was committed: it may be stored. Otherwise nothing of it is. */
	readonly isUnknown: boolean;
	/** It recovers by itself, or once the machine does. Otherwise the database has to be mended and the runner started anew. */
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

/** There is more to read than can be read now, which says nothing about what is stored. */
export class ReadsBusy extends Error {
	override readonly name = 'ReadsBusy';
}
