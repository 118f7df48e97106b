import type { Broken } from '../../rows/broken-row.ts';

/**
 * The rows that this process works on. A claim lives in memory only: one process owns the file, and after a crash
 * everything that was claimed is due again, which is what it should be.
 */
export class Claimed<Item> {
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
	 * Takes up to `limit` of these that nobody works on, each read before it is claimed. Those that cannot be read do not
	 * keep the others back.
	 */
	take(
		candidates: readonly { id: string }[],
		limit: number,
		read: (id: string) => Item | undefined,
	): { readonly taken: readonly Item[]; readonly broken: readonly Broken[] } {
		const taken: Item[] = [];
		const broken: Broken[] = [];
		for (const { id } of candidates) {
			if (taken.length >= limit) break;
			if (this.items.has(id)) continue;
			try {
				const item = read(id);
				if (item === undefined) continue;
				this.items.set(id, item);
				taken.push(item);
			} catch (error) {
				broken.push({ id, error });
			}
		}
		return { taken, broken };
	}

	release(id: string): void {
		this.items.delete(id);
	}
}
