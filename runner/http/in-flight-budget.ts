/** Limits on the requests that are received and stored at the same time. */
export interface InFlightLimits {
	readonly requests: number;
	/** Bytes of their bodies together, counted as they arrive. */
	readonly bytes: number;
}

/** Extra budget for critical sends, as a part of each limit. */
const FOR_CRITICAL = 1 / 4;

/**
 * Shares the budget for sends in flight among API keys. A key gets at most as much as remains for the others, so a
 * client that leaves its requests unfinished uses up its own part only. When the budget is used up, requests are still
 * read within the extra part for critical sends, since only the body says which sends are critical.
 */
export class InFlightBudget {
	private readonly limits: InFlightLimits;
	private readonly isShared: boolean;
	private readonly byKey = new Map<string, Usage>();
	private readonly all: Usage = { requests: 0, bytes: 0 };

	/** `isShared`: there are several keys, so none may use up the whole budget. */
	constructor(limits: InFlightLimits, isShared: boolean) {
		this.limits = limits;
		this.isShared = isShared;
	}

	/** Reserves room for one request of `key`; undefined when there is none. */
	reserve(key: string): Reservation | undefined {
		const own = this.byKey.get(key) ?? { requests: 0, bytes: 0 };
		const kind = this.fits('requests', 1, own);
		if (!kind) return undefined;
		this.byKey.set(key, own);
		this.all.requests++;
		own.requests++;
		let held = 0;
		let isReleased = false;
		const reservation = {
			isForCritical: kind === 'critical',
			grow: (bytes: number): boolean => {
				if (isReleased) return true;
				const fit = this.fits('bytes', bytes, own);
				if (!fit) return false;
				if (fit === 'critical') reservation.isForCritical = true;
				held += bytes;
				own.bytes += bytes;
				this.all.bytes += bytes;
				return true;
			},
			release: (): void => {
				if (isReleased) return;
				isReleased = true;
				this.all.requests--;
				this.all.bytes -= held;
				own.requests--;
				own.bytes -= held;
				if (own.requests === 0) this.byKey.delete(key);
			},
		};
		return reservation;
	}

	private fits(
		unit: keyof InFlightLimits,
		more: number,
		own: Usage,
	): 'any' | 'critical' | undefined {
		const left = this.limits[unit] - this.all[unit] - more;
		const share = this.isShared ? own[unit] + more : 0;
		if (left >= 0 && share <= left + more) return 'any';
		const leftForCritical = left + this.limits[unit] * FOR_CRITICAL;
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

/** The part of the budget that one request holds. */
export interface Reservation {
	/** True when only a critical send may be stored with it. */
	readonly isForCritical: boolean;
	/** Reserves bytes that have arrived; false when there is no room for them. */
	grow(bytes: number): boolean;
	/** Gives everything back. Calling it again does nothing. */
	release(): void;
}
