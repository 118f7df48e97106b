/** Tasks that one process at a time does, such as asking Telegram for a bot's updates, and how far each has come. */
export interface Leases {
	/**
	 * Takes a task for `forMs`, or renews it. Undefined while another process has it. A process that dies loses it when the
	 * time is over.
	 */
	hold(name: string, forMs: number): Promise<HeldLease | undefined>;
	/** Gives a task up, so that another process can take it at once. */
	release(name: string): Promise<void>;
	/** Notes how far a task has come; ignored where another process has taken it over. */
	note(progress: Progress): Promise<void>;
}

export interface HeldLease {
	readonly position?: number | undefined;
	/** When `position` was noted; milliseconds since 1970. */
	readonly notedAt?: number | undefined;
}

/** The place that a task has reached. */
export interface Progress {
	/** The task's name. */
	readonly lease: string;
	readonly position: number;
}
