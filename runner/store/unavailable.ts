/** The store cannot take anything at the moment, such as while the disk is full. It recovers by itself. */
export class StoreUnavailable extends Error {
	override readonly name = 'StoreUnavailable';
}
