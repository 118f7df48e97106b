import type { Mailer, SmtpServer } from '@sureping/engine';
import { compose } from './composer.ts';
import { NoConnection, SmtpPool } from './pool.ts';
import { explain, replyOf } from './replies.ts';
import { Session } from './session.ts';

/**
 * Time after which an unused connection is closed, in milliseconds; servers must keep one for five minutes (RFC 5321
 * §4.5.3.2.7).
 */
const IDLE_MS = 60_000;

export interface SmtpTransport extends Mailer {
	/** Closes all connections. Mails under way are finished first. */
	close(): void;
}

/**
 * Mail over SMTP. Each server has a pool of connections, opened when needed. The timeout of a mail starts when it gets
 * a connection; when it is over, the connection is closed, so that nothing is sent after the attempt was declared
 * failed.
 */
export function createSmtpTransport({ idleMs = IDLE_MS } = {}): SmtpTransport {
	const pools = new Map<SmtpServer, SmtpPool>();
	const poolOf = (server: SmtpServer): SmtpPool => {
		const pool = pools.get(server) ?? new SmtpPool(server, { idleMs });
		pools.set(server, pool);
		return pool;
	};
	return {
		async send(mail, server, timeoutMs) {
			try {
				const composed = await compose(mail, server);
				return replyOf(await poolOf(server).send(composed, timeoutMs));
			} catch (error) {
				return explain(error instanceof NoConnection ? error.cause : error, server, timeoutMs);
			}
		},
		async verify(server, timeoutMs) {
			try {
				const session = await Session.open(server, timeoutMs);
				session.quit();
				return { status: 250, text: '' };
			} catch (error) {
				return explain(error, server, timeoutMs);
			}
		},
		close() {
			for (const pool of pools.values()) pool.close();
			pools.clear();
		},
	};
}
