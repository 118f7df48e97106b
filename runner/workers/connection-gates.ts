import {
	afterOutcome,
	afterStart,
	type CatalogEntry,
	type ConnectionLimits,
	type ConnectionState,
	DEFAULT_LIMITS,
	freeAt,
	FRESH,
	type FullAt,
	heldBy,
	mergeShared,
	nextStartAt,
	type Opening,
	openingOf,
	type Outcome,
	roomIn,
	taken,
} from '@sureping/engine';
import type { ConnectionNews, DeliveryGates, SharedConnection } from '../store/contract/limits.ts';

interface Gate {
	readonly limits: ConnectionLimits;
	state: ConnectionState;
	underWay: number;
	/** The delivery that is the probe. */
	probe: string | undefined;
	/** Another process has let a probe through. */
	isProbedElsewhere: boolean;
	/** News to share with the other processes. */
	news: ConnectionNews;
	/** Limits of the recipients that were written to recently. */
	recipients: Map<string, FullAt>;
	forgetAt: number;
}

/** `paused`: its service asked for a pause. `down`: its breaker is open, and only probes are sent. */
export interface ConnectionStatus {
	readonly status: 'ok' | 'paused' | 'down';
	/** End of the pause, or time of the next probe. */
	readonly until?: number;
	readonly underWay: number;
}

/** Number of recipients above which those whose wait is over are removed. */
const MANY_RECIPIENTS = 1_000;

const NO_NEWS = { pause: false, breaker: false, probe: false };

/**
 * Rates, pauses and breakers of all connections, in memory: after a restart each of them starts afresh, unless the store
 * keeps what several processes share.
 */
export class ConnectionGates implements DeliveryGates {
	private readonly gates = new Map<string, Gate>();
	/** Lanes with news. */
	private readonly unshared = new Set<string>();

	constructor(catalog: readonly CatalogEntry[]) {
		for (const { channel, name, limits } of catalog) this.add(`${channel}:${name}`, limits);
	}

	opening(lane: string, now: number): Opening {
		const gate = this.gate(lane);
		const { limits, state, underWay } = gate;
		const opening = openingOf(limits, state, isProbing(gate), now);
		return { ...opening, room: Math.min(opening.room, limits.concurrency - underWay) };
	}

	nextAt(lane: string): number {
		const gate = this.gate(lane);
		const { limits, state } = gate;
		const startAt = nextStartAt(limits, state);
		if (!state.breaker.open) return startAt;
		return isProbing(gate) ? Infinity : Math.max(startAt, state.breaker.open.probeAt);
	}

	limitsRecipients(lane: string): boolean {
		return this.gate(lane).limits.recipientRate !== undefined;
	}

	reserve(lane: string, recipient: string, isCritical: boolean, now: number): number | undefined {
		const gate = this.gate(lane);
		const rate = gate.limits.recipientRate?.(recipient);
		if (!rate) return undefined;
		this.forgetRecipients(gate, now);
		const key = this.recipientKey(recipient, isCritical);
		const fullAt = gate.recipients.get(key) ?? 0;
		gate.recipients.set(key, taken(rate, fullAt, now));
		return roomIn(rate, fullAt, now) > 0 ? undefined : freeAt(rate, fullAt);
	}

	start(lane: string, deliveryId: string, now: number): void {
		const gate = this.gate(lane);
		gate.underWay++;
		gate.state = afterStart(gate.limits, gate.state, now);
		const { open } = gate.state.breaker;
		if (open && now >= open.probeAt && !isProbing(gate)) gate.probe = deliveryId;
	}

	/** Applies an attempt's outcome, before its claim ends. Returns the changes. */
	settle(
		lane: string,
		deliveryId: string,
		outcome: Outcome,
		now: number,
	): 'down' | 'up' | undefined {
		const gate = this.gate(lane);
		const before = gate.state;
		const isProbe = gate.probe === deliveryId;
		const after = afterOutcome(gate.limits, before, outcome, { now, isProbe });
		gate.state = after;
		this.addNews(lane, {
			pause: after.pausedUntil !== before.pausedUntil,
			breaker: after.breaker.open !== before.breaker.open,
			probe: isProbe,
		});
		if (isProbe) gate.probe = undefined;
		const [isOpen, wasOpen] = [after, before].map(({ breaker }) => breaker.open !== undefined);
		if (isOpen === wasOpen) return undefined;
		return isOpen ? 'down' : 'up';
	}

	end(lane: string, deliveryId: string): void {
		const gate = this.gate(lane);
		gate.underWay--;
		if (gate.probe !== deliveryId) return;
		gate.probe = undefined;
		this.addNews(lane, { ...NO_NEWS, probe: true });
	}

	heldFor(lane: string, dueAt: number, now: number): number {
		return heldBy(this.gate(lane).state, dueAt, now);
	}

	isShared(lane: string): boolean {
		const { limits, state } = this.gate(lane);
		return (
			limits.rate !== undefined ||
			limits.recipientRate !== undefined ||
			state.breaker.open !== undefined
		);
	}

	news(): readonly string[] {
		return [...this.unshared];
	}

	adopt(lane: string, { state, isProbed }: SharedConnection): void {
		const gate = this.gate(lane);
		gate.state = mergeShared(gate.state, state, gate.news);
		gate.isProbedElsewhere = isProbed;
	}

	share(lane: string): SharedConnection & { readonly news: ConnectionNews } {
		const gate = this.gate(lane);
		const { state, probe, news } = gate;
		gate.news = NO_NEWS;
		this.unshared.delete(lane);
		return { state, isProbed: probe !== undefined, news };
	}

	addNews(lane: string, { pause, breaker, probe }: ConnectionNews): void {
		if (!pause && !breaker && !probe) return;
		const gate = this.gate(lane);
		const { news } = gate;
		gate.news = {
			pause: news.pause || pause,
			breaker: news.breaker || breaker,
			probe: news.probe || probe,
		};
		this.unshared.add(lane);
	}

	recipientKey(recipient: string, isCritical: boolean): string {
		// Critical deliveries do not queue behind the starts that others have reserved.
		return isCritical ? `critical ${recipient}` : recipient;
	}

	adoptRecipients(lane: string, recipients: ReadonlyMap<string, FullAt>): void {
		this.gate(lane).recipients = new Map(recipients);
	}

	recipients(lane: string): ReadonlyMap<string, FullAt> {
		return this.gate(lane).recipients;
	}

	status(lane: string, now: number): ConnectionStatus {
		const { state, underWay } = this.gate(lane);
		const { breaker, pausedUntil } = state;
		if (breaker.open) return { status: 'down', until: breaker.open.probeAt, underWay };
		if (pausedUntil > now) return { status: 'paused', until: pausedUntil, underWay };
		return { status: 'ok', underWay };
	}

	/** Every connection's, by its lane. */
	all(now: number): readonly (ConnectionStatus & { readonly lane: string })[] {
		return [...this.gates.keys()].map((lane) => ({ lane, ...this.status(lane, now) }));
	}

	private gate(lane: string): Gate {
		return this.gates.get(lane) ?? this.add(lane, DEFAULT_LIMITS);
	}

	private add(lane: string, limits = DEFAULT_LIMITS): Gate {
		const gate: Gate = {
			limits,
			state: FRESH,
			underWay: 0,
			probe: undefined,
			isProbedElsewhere: false,
			news: NO_NEWS,
			recipients: new Map(),
			forgetAt: MANY_RECIPIENTS,
		};
		this.gates.set(lane, gate);
		return gate;
	}

	private forgetRecipients(gate: Gate, now: number): void {
		if (gate.recipients.size < gate.forgetAt) return;
		for (const [recipient, fullAt] of gate.recipients) {
			if (fullAt <= now) gate.recipients.delete(recipient);
		}
		gate.forgetAt = Math.max(MANY_RECIPIENTS, 2 * gate.recipients.size);
	}
}

const isProbing = ({ probe, isProbedElsewhere }: Gate): boolean =>
	probe !== undefined || isProbedElsewhere;
