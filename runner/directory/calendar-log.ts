import type { KnownCalendar } from '@sureping/engine';
import type { Logger } from 'pino';

/** Logs a line when the warning about an on-call's calendar changes, or is gone. */
export class CalendarLog {
	private readonly log: Logger;
	private warnings: ReadonlyMap<string, string | undefined> = new Map();

	constructor(log: Logger) {
		this.log = log;
	}

	/** `calendars` by the names of their on-calls. */
	note(calendars: ReadonlyMap<string, KnownCalendar>): void {
		const before = this.warnings;
		this.warnings = new Map([...calendars].map(([name, { warning }]) => [name, warning]));
		for (const [name, warning] of this.warnings) {
			if (warning === before.get(name)) continue;
			if (warning === undefined) this.log.info({ on_call: name }, 'the calendar is in order again');
			else
				this.log.warn(
					{ on_call: name, reason: warning },
					'the calendar of an on-call is not in order',
				);
		}
	}
}
