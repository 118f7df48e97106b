import type { Clock, FailureKind, HttpClient, Mailer, TransportFailure } from '@sureping/engine';
import type { Logger } from 'pino';

/** Interval of log lines, in milliseconds: a host that is out of files fails hundreds of times a second. */
const EVERY_MS = 10_000;

const OURS: ReadonlySet<FailureKind> = new Set(['exhausted', 'offline']);

/** Logs and counts failures that are due to a lack of something on this host. */
export class LocalFaultLog {
	private readonly log: Pick<Logger, 'error'>;
	private readonly clock: Pick<Clock, 'now'>;
	private readonly count: (kind: FailureKind) => void;
	private saidAt = -Infinity;
	private unsaid = 0;

	constructor(
		log: Pick<Logger, 'error'>,
		clock: Pick<Clock, 'now'>,
		count: (kind: FailureKind) => void,
	) {
		this.log = log;
		this.clock = clock;
		this.count = count;
	}

	http(client: HttpClient): HttpClient {
		return async (request) => this.seen(await client(request));
	}

	mailer({ send, verify }: Mailer): Mailer {
		return {
			send: async (...mail) => this.seen(await send(...mail)),
			verify: async (...server) => this.seen(await verify(...server)),
		};
	}

	private seen<Reply extends object>(reply: Reply | TransportFailure): Reply | TransportFailure {
		if (!('failure' in reply) || !OURS.has(reply.failure)) return reply;
		const { failure, detail } = reply;
		this.count(failure);
		this.unsaid++;
		const now = this.clock.now();
		// A clock that was set back must not silence it.
		if (Math.abs(now - this.saidAt) < EVERY_MS) return reply;
		const message =
			failure === 'exhausted'
				? `nothing was sent: ${detail}; it is sent again once resources are free`
				: `this host could not reach the service: ${detail}`;
		this.log.error({ failure, times: this.unsaid }, message);
		this.saidAt = now;
		this.unsaid = 0;
		return reply;
	}
}
