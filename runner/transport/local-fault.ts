import { closeSync, openSync } from 'node:fs';
import { devNull, networkInterfaces } from 'node:os';
import { isIPv6 } from 'node:net';
import type { TransportFailure } from '@sureping/engine';
import { Unresolved } from './guarded-names.ts';

/**
 * Error codes that mean a fault of this host, by errno(3), connect(2) and getaddrinfo(3). Every other code means that
 * the other side does not respond, such as ECONNREFUSED, or EHOSTUNREACH, which the last router reports.
 */
const LOCAL: Readonly<
	Record<string, Omit<TransportFailure, 'detail'> & { readonly says: string }>
> = {
	EMFILE: {
		failure: 'exhausted',
		says: 'this process has no file descriptors left (EMFILE); raise its limit (ulimit -n, LimitNOFILE)',
	},
	ENFILE: { failure: 'exhausted', says: 'this machine has no file descriptors left (ENFILE)' },
	EADDRNOTAVAIL: {
		failure: 'exhausted',
		says: 'this machine has no local port left for a connection (EADDRNOTAVAIL)',
	},
	EADDRINUSE: {
		failure: 'exhausted',
		says: 'this machine has no local port left for a connection (EADDRINUSE)',
	},
	ENOBUFS: { failure: 'exhausted', says: 'this machine has no network buffers left (ENOBUFS)' },
	ENOMEM: { failure: 'exhausted', says: 'this machine has no memory left (ENOMEM)' },
	EAI_MEMORY: { failure: 'exhausted', says: 'this machine has no memory left (EAI_MEMORY)' },
	ENOSPC: { failure: 'exhausted', says: 'this machine has no space left (ENOSPC)' },
	// connect(2) on Linux: a local table is full; try again.
	EAGAIN: { failure: 'exhausted', says: 'this machine has no room for a connection (EAGAIN)' },
	EAI_AGAIN: { failure: 'offline', says: 'name resolution does not answer (EAI_AGAIN)' },
	// c-ares: none of the configured name servers answered.
	ETIMEOUT: { failure: 'offline', says: 'name resolution does not answer (ETIMEOUT)' },
	EAI_FAIL: { failure: 'offline', says: 'name resolution failed (EAI_FAIL)' },
	EAI_SYSTEM: { failure: 'offline', says: 'name resolution failed (EAI_SYSTEM)' },
	ENETDOWN: { failure: 'offline', says: 'the network is down (ENETDOWN)' },
	ENETUNREACH: { failure: 'offline', says: 'there is no route to that network (ENETUNREACH)' },
	EACCES: { failure: 'offline', says: 'this machine does not allow the connection (EACCES)' },
	EPERM: { failure: 'offline', says: 'this machine does not allow the connection (EPERM)' },
	ERR_ACCESS_DENIED: {
		failure: 'offline',
		says: 'this process may not open connections (ERR_ACCESS_DENIED)',
	},
	EAFNOSUPPORT: {
		failure: 'offline',
		says: 'this machine does not have that kind of address (EAFNOSUPPORT)',
	},
};

/** The local codes, for tests that go through all of them. */
export const LOCAL_CODES = Object.keys(LOCAL);

interface SystemError {
	readonly code?: unknown;
	readonly originalCode?: unknown;
	readonly address?: unknown;
	readonly syscall?: unknown;
	readonly errors?: unknown;
	readonly cause?: unknown;
}

/**
 * The failure, if it is a fault of this host; undefined if it is the other side's. A host with several addresses was
 * tried at each of them (RFC 8305): the fault is ours only if no attempt got beyond this machine.
 */
export function localFault(error: unknown): TransportFailure | undefined {
	if (typeof error !== 'object' || error === null) return undefined;
	const { code, originalCode, address, syscall, errors, cause }: SystemError = error;
	if (Array.isArray(errors) && errors.length > 0) {
		const faults = errors.map((one: unknown) => localFault(one));
		return faults.every((one) => one !== undefined) ? mildest(faults) : undefined;
	}
	const codes = [originalCode, code].filter((one) => typeof one === 'string');
	// A lookup needs a file descriptor, and the resolver does not always say that there was none.
	const hidden = codes.some((one) => one === 'ENOTFOUND' || one.startsWith('EAI_')) && noFiles();
	// The same code from c-ares, with the query it made, is the resolver's.
	const isResolver = typeof syscall === 'string' && syscall.startsWith('query');
	if (codes.includes('ECONNREFUSED') && (isResolver || error instanceof Unresolved)) {
		return { failure: 'offline', detail: 'name resolution does not answer (ECONNREFUSED)' };
	}
	const found = hidden || codes.find((one) => Object.hasOwn(LOCAL, one));
	if (!found) return cause === undefined ? undefined : localFault(cause);
	if (found === 'EADDRNOTAVAIL' && typeof address === 'string' && isIPv6(address) && !hasIPv6()) {
		return { failure: 'offline', detail: 'this machine has no IPv6 address (EADDRNOTAVAIL)' };
	}
	const fault = LOCAL[found];
	return fault && { failure: fault.failure, detail: fault.says };
}

/** Faults that pass by themselves come first: an attempt that may succeed in a second is not counted. */
function mildest(faults: readonly (TransportFailure | undefined)[]): TransportFailure | undefined {
	return faults.find((one) => one?.failure === 'exhausted') ?? faults[0];
}

/** The code of the error that keeps this process from opening a file, if any. */
function noFiles(): 'EMFILE' | 'ENFILE' | undefined {
	try {
		closeSync(openSync(devNull, 'r'));
		return undefined;
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? error.code : undefined;
		return code === 'EMFILE' || code === 'ENFILE' ? code : undefined;
	}
}

/**
 * Without IPv6 on this host every connection to an IPv6 address fails with EADDRNOTAVAIL, however many ports are free.
 */
function hasIPv6(): boolean {
	return Object.values(networkInterfaces()).some((addresses) =>
		addresses?.some(({ family }) => family === 'IPv6'),
	);
}
