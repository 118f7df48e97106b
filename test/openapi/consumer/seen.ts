/** Observations of a program, each value read through a field that its client declares. */
export interface Seen {
	readonly queued: string;
	/** The same key with the same body is the same send. */
	readonly isSentOnce: boolean;
	readonly found: string;
	readonly channels: readonly string[];
	readonly eventTypes: readonly string[];
	readonly problem: {
		readonly status: number;
		readonly title: string;
		readonly paths: readonly string[];
	};
}

export function print(seen: Seen): void {
	console.log(JSON.stringify(seen));
}

export class NotAsDescribed extends Error {
	constructor(answer: unknown) {
		super(`The runner answered otherwise than described: ${JSON.stringify(answer)}`);
	}
}
