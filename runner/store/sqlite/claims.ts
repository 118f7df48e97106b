/**
 * What this process works on right now. A claim lives in memory only: one process owns the file, and after a crash
 * everything that was claimed is due again, which is what it should be.
 */
export class Claims<Item> {
	private readonly items = new Map<string, Item>();

	get size(): number {
		return this.items.size;
	}

	has(id: string): boolean {
		return this.items.has(id);
	}

	get(id: string): Item | undefined {
		return this.items.get(id);
	}

	/**
	 * Takes up to `limit` of these that nobody works on, each read before it is claimed. One that cannot be read does not
	 * keep the others back; only when nothing else is there is its error thrown.
	 */
	take(
		candidates: readonly { id: string }[],
		limit: number,
		read: (id: string) => Item | undefined,
	): readonly Item[] {
		const taken: Item[] = [];
		let failure: { error: unknown } | undefined;
		for (const { id } of candidates) {
			if (taken.length >= limit) break;
			if (this.items.has(id)) continue;
			try {
				const item = read(id);
				if (item === undefined) continue;
				this.items.set(id, item);
				taken.push(item);
			} catch (error) {
				failure = { error };
			}
		}
		if (failure && taken.length === 0) throw failure.error;
		return taken;
	}

	release(id: string): void {
		this.items.delete(id);
	}
}
