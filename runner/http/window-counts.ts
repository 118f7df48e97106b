import type { RateLimit } from '../config/settings/index.ts';

/** Most callers that are counted at once; beyond, those not seen for longest are forgotten. */
const MOST_COUNTED = 5_000;

interface Window {
	count: number;
	/** By `performance.now()`. */
	startedAt: number;
}

/** Counts the requests of callers, each in windows of its own that start with its first request. In memory. */
export class WindowCounts {
	/** Those seen last at the end. */
	private readonly windows = new Map<string, Window>();
	private readonly now: () => number;

	constructor(now: () => number = () => performance.now()) {
		this.now = now;
	}

	/** Counts a request. Returns the milliseconds until the window ends if it was one too many, otherwise undefined. */
	excess(caller: string, { max, window_s }: RateLimit): number | undefined {
		const now = this.now();
		const window = this.windowOf(caller);
		if (now - window.startedAt >= window_s * 1000) {
			window.count = 0;
			window.startedAt = now;
		}
		window.count++;
		return window.count > max ? window.startedAt + window_s * 1000 - now : undefined;
	}

	private windowOf(caller: string): Window {
		const known = this.windows.get(caller);
		if (known) this.windows.delete(caller);
		const window = known ?? { count: 0, startedAt: -Infinity };
		this.windows.set(caller, window);
		const [oldest] = this.windows.size > MOST_COUNTED ? this.windows.keys() : [];
		if (oldest !== undefined) this.windows.delete(oldest);
		return window;
	}
}
