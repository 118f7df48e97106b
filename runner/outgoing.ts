import type { FailureKind, HttpClient, Transports } from '@sureping/engine';
import type { Logger } from 'pino';
import type { Timers } from './clock.ts';
import { createGuardedNames, systemNames } from './transport/guarded-names.ts';
import { createHttpTransport } from './transport/http/index.ts';
import { LocalFaultLog } from './transport/local-fault-log.ts';
import { createSmtpTransport } from './transport/smtp/index.ts';
import { type SecuritySettings, UrlGuard } from './transport/url-guard.ts';

export interface OutgoingOptions {
	readonly security: SecuritySettings;
	readonly log: Logger;
	readonly clock: Timers;
	/** Prints a message of the console channel. */
	readonly print: (line: string) => void;
	/** Counts a request or mail that this host could not make. */
	readonly onLocalFault: (reason: FailureKind) => void;
}

/** The runner's outgoing transports. */
export interface Outgoing {
	/** Refuses URLs of API callers that lead into the operator's network. */
	readonly guard: UrlGuard;
	readonly http: {
		/** For URLs of the config. */
		readonly trusted: HttpClient;
		/** For URLs of API callers: keeps to what `guard` allows. */
		readonly guarded: HttpClient;
	};
	readonly transports: Transports;
	closeMails(): void | Promise<void>;
	closeSockets(): void | Promise<void>;
}

/** Opens the outgoing transports: HTTP, mail and the console, with faults of this host logged and counted. */
export function openOutgoing({
	security,
	log,
	clock,
	print,
	onLocalFault,
}: OutgoingOptions): Outgoing {
	const guard = new UrlGuard(security, createGuardedNames(), systemNames);
	const sockets = createHttpTransport(guard);
	const mails = createSmtpTransport();
	const faults = new LocalFaultLog(log, clock, onLocalFault);
	const http = { trusted: faults.http(sockets.trusted), guarded: faults.http(sockets.guarded) };
	return {
		guard,
		http,
		transports: { http: http.trusted, smtp: faults.mailer(mails), console: print },
		closeMails: () => mails.close(),
		closeSockets: () => sockets.close(),
	};
}
