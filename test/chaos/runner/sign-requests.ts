import { subscribe } from 'node:diagnostics_channel';
import { LIFE_HEADER } from '../records.ts';

/**
 * Every request says whose it is, below everything that is under test: undici tells of each before it leaves
 * (https://undici.nodejs.org/#/docs/api/DiagnosticsChannel). An address could not say it: those of endpoints are in the
 * store, which all runners share.
 */
export function signRequests(life: string): void {
	subscribe('undici:request:create', (message) => {
		// As undici documents the message.
		const { request } = message as { request: { addHeader(name: string, value: string): void } };
		request.addHeader(LIFE_HEADER, life);
	});
}
