/** The database cannot be used right now; what was asked for was not done, or it is not known to be. Trying again is right. */
export class StoreUnavailable extends Error {
	override readonly name = 'StoreUnavailable';
}
