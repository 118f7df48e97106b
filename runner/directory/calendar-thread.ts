// The thread that reads a calendar: see read-calendar.ts, which starts it. A rule in a calendar can take for ever to expand,
// and a thread can be ended.
import { parentPort, workerData } from 'node:worker_threads';
import { expand } from './expand-calendar.ts';
import type { CalendarAnswer, CalendarRequest } from './read-calendar.ts';

if (parentPort) {
	let answer: CalendarAnswer;
	try {
		// `readCalendar` passes a request.
		answer = expand(workerData as CalendarRequest);
	} catch {
		// The library's words repeat the calendar's own text, which is not for logs.
		answer = { ok: false, reason: 'it is not a valid calendar (iCalendar, RFC 5545)' };
	}
	parentPort.postMessage(answer);
}
