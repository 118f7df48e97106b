/** How much may be received and stored at once. */
export interface RoomSize {
	readonly requests: number;
	/** Of their bodies together, as far as they have come. */
	readonly bytes: number;
}

/** Beside the room for everybody there is as much as this part of it for critical sends. */
const FOR_CRITICAL = 1 / 4;

/**
 * Room for sends on their way in, shared among API keys: a key gets no more than is left when it has its part, so one that
 * leaves its requests unfinished finds room for itself gone, and not for others. When it is full, sends are still read as
 * far as the part for critical ones goes, since only the body says which they are.
 */
export class Room {
	private readonly size: RoomSize;
	private readonly isShared: boolean;
	private readonly byKey = new Map<string, Usage>();
	private readonly all: Usage = { requests: 0, bytes: 0 };

	/** `isShared`: there is more than one key, so that none gets everything. */
	constructor(size: RoomSize, isShared: boolean) {
		this.size = size;
		this.isShared = isShared;
	}

	/** A place for one request of `key`; undefined when there is none. */
	enter(key: string): Place | undefined {
		const own = this.byKey.get(key) ?? { requests: 0, bytes: 0 };
		const kind = this.fits('requests', 1, own);
		if (!kind) return undefined;
		this.byKey.set(key, own);
		this.all.requests++;
		own.requests++;
		let held = 0;
		let isOver = false;
		const place = {
			isForCritical: kind === 'critical',
			grow: (bytes: number): boolean => {
				if (isOver) return true;
				const fit = this.fits('bytes', bytes, own);
				if (!fit) return false;
				if (fit === 'critical') place.isForCritical = true;
				held += bytes;
				own.bytes += bytes;
				this.all.bytes += bytes;
				return true;
			},
			leave: (): void => {
				if (isOver) return;
				isOver = true;
				this.all.requests--;
				this.all.bytes -= held;
				own.requests--;
				own.bytes -= held;
				if (own.requests === 0) this.byKey.delete(key);
			},
		};
		return place;
	}

	private fits(unit: keyof RoomSize, more: number, own: Usage): 'any' | 'critical' | undefined {
		const left = this.size[unit] - this.all[unit] - more;
		const share = this.isShared ? own[unit] + more : 0;
		if (left >= 0 && share <= left + more) return 'any';
		const leftForCritical = left + this.size[unit] * FOR_CRITICAL;
		const isFull = left < 0;
		return isFull && leftForCritical >= 0 && share <= leftForCritical + more
			? 'critical'
			: undefined;
	}
}

interface Usage {
	requests: number;
	bytes: number;
}

/** What one request holds of the room. */
export interface Place {
	/** Only a critical send is stored from here. */
	readonly isForCritical: boolean;
	/** Takes room for bytes that have come; false when there is none. */
	grow(bytes: number): boolean;
	/** Gives everything back, once. */
	leave(): void;
}
