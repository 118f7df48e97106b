import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

/** An event of a calendar, or one occurrence of an event that repeats. Milliseconds since 1970. */
export interface CalendarEvent {
	/** The title, which names a contact. */
	readonly summary: string;
	readonly from: number;
	readonly to: number;
}

export interface CalendarRequest {
	/** iCalendar (RFC 5545). */
	readonly text: string;
	/** The zone of whole days, and of times that name none. */
	readonly zone: string;
	/** Only events that are under way between these times are read; milliseconds since 1970. */
	readonly from: number;
	readonly to: number;
}

export type CalendarAnswer =
	| {
			readonly ok: true;
			/** In the order of their beginnings. */
			readonly events: readonly CalendarEvent[];
			/** Oddities, in words. */
			readonly warnings: readonly string[];
	  }
	| { readonly ok: false; readonly reason: string };

/** Milliseconds for reading a calendar, the start of its thread included. A large one takes a tenth of that. */
const MOST_MS = 5_000;

const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16 };

/** Reads the events of a calendar on a thread of its own, in bounded time and memory. */
export function readCalendar(request: CalendarRequest, mostMs = MOST_MS): Promise<CalendarAnswer> {
	return new Promise((resolve) => {
		// Beside this file there is the source of the thread, and beside the bundle its build.
		const script = new URL(`./calendar-thread${extname(import.meta.url)}`, import.meta.url);
		const end = (answer: CalendarAnswer): void => {
			clearTimeout(timer);
			resolve(answer);
		};
		const timer = setTimeout(() => {
			end({ ok: false, reason: `reading it takes longer than ${mostMs / 1000} seconds` });
			void worker?.terminate();
		}, mostMs).unref();
		let worker: Worker | undefined;
		try {
			worker = new Worker(script, { workerData: request, resourceLimits: RESOURCE_LIMITS });
		} catch {
			return end({ ok: false, reason: 'this host has no thread left to read it' });
		}
		// A runner that stops does not wait for it.
		worker.unref();
		worker.on('message', end);
		worker.on('error', () => end({ ok: false, reason: 'reading it takes too much memory' }));
		worker.on('exit', () => end({ ok: false, reason: 'its reading was ended' }));
	});
}
