import {
	afterOutcome,
	type ConnectionState,
	DEFAULT_LIMITS,
	FRESH,
	isoTime,
	openingOf,
	type Outcome,
	type Withheld,
} from '@sureping/engine';

interface Host {
	state: ConnectionState;
	/** The webhook delivery that is the probe, and the latest time at which its outcome is known. */
	probe: { readonly id: string; readonly endsAt: number } | undefined;
}

/** Callers can name any host, so the memory is bounded: the host that failed first is forgotten. */
const MOST_HOSTS = 10_000;
/** Longest time from the end of a request until `end` is called. */
const GRACE_MS = 1_000;

/**
 * Hosts of callbacks, with their ports, that do not answer or asked for a pause; in memory. A callback's host cannot be
 * enabled again like an endpoint, so none is disabled and nothing waits for ever: while a host is down or paused,
 * attempts lapse, and the last one is made after the pause. So a callback ends by its schedule.
 */
export class CallbackWatch {
	private readonly hosts = new Map<string, Host>();

	/** Undefined: the request may be made. */
	refusal(
		hostName: string,
		webhook: { readonly id: string; readonly isLast: boolean; readonly timeoutMs: number },
		now: number,
	): Withheld | undefined {
		const host = this.hosts.get(hostName);
		if (!host) return undefined;
		const { state, probe } = host;
		const { room, which } = openingOf(DEFAULT_LIMITS, state, false, now);
		if (room === 0) {
			const until = state.pausedUntil;
			if (webhook.isLast) return { until };
			const message = `Not sent: this host asked for a pause until ${isoTime(until)}`;
			return { until, error: { code: 'RATE_LIMITED', message } };
		}
		if (which === 'due' || webhook.isLast) return undefined;
		// While a probe is under way, the others wait for its outcome.
		if (probe && now < probe.endsAt) return { until: probe.endsAt };
		if (which === 'probe') {
			host.probe = { id: webhook.id, endsAt: now + webhook.timeoutMs + GRACE_MS };
			return undefined;
		}
		const message = 'Not sent: this host is down';
		return { until: now, error: { code: 'CONNECTION_FAILED', message } };
	}

	/** Notes that a request has ended, whatever its outcome, so that another one may be the probe. */
	end(hostName: string, webhookId: string): void {
		const host = this.hosts.get(hostName);
		if (host?.probe?.id === webhookId) host.probe = undefined;
	}

	/** Notes a request's outcome. */
	settle(hostName: string, webhookId: string, outcome: Outcome, now: number): void {
		const { state, probe } = this.hosts.get(hostName) ?? { state: FRESH, probe: undefined };
		const isProbe = probe?.id === webhookId;
		const after = afterOutcome(DEFAULT_LIMITS, state, outcome, { now, isProbe });
		const { breaker, pausedUntil } = after;
		if (!breaker.open && breaker.failures === 0 && pausedUntil <= now) {
			this.hosts.delete(hostName);
			return;
		}
		this.hosts.set(hostName, { state: after, probe: isProbe ? undefined : probe });
		const [first] = this.hosts.keys();
		if (this.hosts.size > MOST_HOSTS && first !== undefined) this.hosts.delete(first);
	}
}
