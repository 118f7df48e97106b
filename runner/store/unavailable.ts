/** The store cannot take anything at the moment, such as while the disk is full. It recovers by itself. */
export class StoreUnavailable extends Error {
	override readonly name = 'StoreUnavailable';
	/** The connection was lost while the change was committed: it may be stored. Otherwise nothing of it is. */
	readonly isUnknown: boolean;

	constructor(
		message: string,
		{ isUnknown = false, ...options }: ErrorOptions & { readonly isUnknown?: boolean } = {},
	) {
		super(message, options);
		this.isUnknown = isUnknown;
	}
}

/** There is more to read than can be read now, which says nothing about what is stored. */
export class ReadsBusy extends Error {
	override readonly name = 'ReadsBusy';
}
