/**
 * What this process works on right now. A claim lives in memory only: one process owns the file, and after a crash
 * everything that was claimed is due again, which is what it should be.
 */
export class Claims {
	private readonly ids = new Set<string>();

	get size(): number {
		return this.ids.size;
	}

	has(id: string): boolean {
		return this.ids.has(id);
	}

	/** Takes up to `limit` of these that nobody works on. */
	take<T extends { id: string }>(candidates: readonly T[], limit: number): readonly T[] {
		const free = candidates.filter(({ id }) => !this.ids.has(id)).slice(0, limit);
		for (const { id } of free) this.ids.add(id);
		return free;
	}

	release(id: string): void {
		this.ids.delete(id);
	}
}
