import type { NotificationRecord } from '../../rows/notification.ts';

const MOST_RECORDS = 5_000;
/** Larger ones are read again. */
const MOST_BYTES = 4_096;

/**
 * Caches notifications as stored, between accept and attempt and between attempt and outcome. A write of a notification
 * removes it in the same transaction, so that a rollback leaves nothing stale. A full cache keeps its entries, which
 * are due first, and takes no new ones; it is emptied when none of them is used for long.
 */
export class RecordCache {
	private readonly records = new Map<string, NotificationRecord>();
	private refused = 0;

	get(id: string): NotificationRecord | undefined {
		const found = this.records.get(id);
		if (found) this.refused = 0;
		return found;
	}

	/** Keeps a notification even if the cache is full: it is under way, and forgotten when its attempt ends. */
	keep(record: NotificationRecord): void {
		this.records.set(record.notification.id, record);
	}

	/** `bytes`: its approximate size. */
	remember(record: NotificationRecord, bytes: number): void {
		if (bytes > MOST_BYTES) return;
		if (this.records.size >= MOST_RECORDS) {
			if (++this.refused < MOST_RECORDS) return;
			this.records.clear();
		}
		this.records.set(record.notification.id, record);
	}

	forget(id: string): void {
		this.records.delete(id);
	}
}
