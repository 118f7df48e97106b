/** The store cannot take anything at the moment, such as while the disk is full. It recovers by itself. */
export class StoreUnavailable extends Error {
	override readonly name = 'StoreUnavailable';
}

/** There is more to read than can be read now, which says nothing about what is stored. */
export class ReadsBusy extends Error {
	override readonly name = 'ReadsBusy';
}
