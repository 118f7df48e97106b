import type { TransportFailure } from '@sureping/engine';
import { errors } from 'undici';
import { localFault } from '../local-fault.ts';
import { withProxyNote } from '../proxy-note.ts';
import { RefusedAddress } from '../url-guard.ts';
import { CONNECT_MS, LIMITS } from './limits.ts';

/** Errors before a connection, as behind a firewall that lets only a proxy out. */
const NOT_CONNECTED: ReadonlySet<string> = new Set([
	...['ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN', 'ECONNABORTED'],
]);

/**
 * The reason why a request has no answer. It has only the system's error code: messages of the network stack can hold the
 * URL, and URLs hold secrets.
 */
export function failureOf(error: unknown): TransportFailure {
	if (error instanceof RefusedAddress) return { failure: 'refused_url', detail: error.message };
	if (error instanceof errors.HeadersOverflowError) {
		const detail = `its answer has more than ${LIMITS.maxHeaderSize / 1024} KiB of headers`;
		return { failure: 'connection', detail };
	}
	if (error instanceof errors.ConnectTimeoutError) {
		const detail = `${CONNECT_MS / 1000} seconds, while connecting`;
		return withProxyNote({ failure: 'timeout', detail });
	}
	const ours = localFault(error);
	if (ours) return ours.failure === 'offline' ? withProxyNote(ours) : ours;
	const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
	const failure = { failure: 'connection', detail: code } as const;
	return NOT_CONNECTED.has(code) ? withProxyNote(failure) : failure;
}
