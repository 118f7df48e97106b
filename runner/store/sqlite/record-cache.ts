import type { NotificationRecord } from '../rows/notification.ts';

const MOST_RECORDS = 1_000;
/** Larger ones are read again. */
const MOST_BYTES = 4_096;

/**
 * Notifications as their rows are, between accept and attempt and between attempt and outcome. Whoever writes one has it
 * forgotten, in the same transaction, so that a rolled back change leaves nothing behind either. Full, it starts anew.
 */
export class RecordCache {
	private readonly records = new Map<string, NotificationRecord>();

	get(id: string): NotificationRecord | undefined {
		return this.records.get(id);
	}

	/** `bytes`: about its size. */
	remember(record: NotificationRecord, bytes: number): void {
		if (bytes > MOST_BYTES) return;
		if (this.records.size >= MOST_RECORDS) this.records.clear();
		this.records.set(record.notification.id, record);
	}

	forget(id: string): void {
		this.records.delete(id);
	}
}
