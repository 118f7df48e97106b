/** A map of at most `capacity` entries, which drops the one that was set longest ago. */
export class BoundedMap<Value> {
	private readonly entries = new Map<string, Value>();
	private readonly capacity: number;

	constructor(capacity: number) {
		this.capacity = capacity;
	}

	get(key: string): Value | undefined {
		return this.entries.get(key);
	}

	set(key: string, value: Value): void {
		this.entries.delete(key);
		this.entries.set(key, value);
		for (const oldest of this.entries.keys()) {
			if (this.entries.size <= this.capacity) return;
			this.entries.delete(oldest);
		}
	}

	delete(key: string): void {
		this.entries.delete(key);
	}
}

/** A memory of its own for each node, so that a busy node does not push out the entries of another. */
export function perNode<Memory>(make: () => Memory): (node: string) => Memory {
	const memories = new Map<string, Memory>();
	return (node) => {
		const known = memories.get(node);
		if (known !== undefined) return known;
		const made = make();
		memories.set(node, made);
		return made;
	};
}
