/** A calendar (iCalendar, RFC 5545) of these parts. */
export function calendar(...parts: readonly string[]): string {
	const lines = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//EN', ...parts, 'END:VCALENDAR'];
	return `${lines.join('\n').replaceAll('\n', '\r\n')}\r\n`;
}

/** An event of a calendar; `more` has its times, each property on a line. */
export function event(summary: string, more: string): string {
	const uid = more.includes('UID:') ? [] : [`UID:${summary}`];
	return ['BEGIN:VEVENT', ...uid, `SUMMARY:${summary}`, more, 'END:VEVENT'].join('\n');
}
