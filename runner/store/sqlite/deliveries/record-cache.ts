import type { NotificationRecord } from '../../rows/notification.ts';

const MOST_RECORDS = 5_000;
/** Larger ones are read again. */
const MOST_BYTES = 4_096;

/**
 * Notifications as their rows are, between accept and attempt and between attempt and outcome. Whoever writes one has it
 * forgotten, in the same transaction, so that a rolled back change leaves nothing behind either. Full, it keeps what it has,
 * which is what comes first; unless that is no use to anybody, because it has to wait.
 */
export class RecordCache {
	private readonly records = new Map<string, NotificationRecord>();
	private refused = 0;

	get(id: string): NotificationRecord | undefined {
		const found = this.records.get(id);
		if (found) this.refused = 0;
		return found;
	}

	/** Whatever else there is: it is being worked on, and forgotten when that ends. */
	keep(record: NotificationRecord): void {
		this.records.set(record.notification.id, record);
	}

	/** `bytes`: about its size. */
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
