import { aboutOf } from '../about.ts';
import type { Transition } from '../dispatch/index.ts';
import type { EscalationEvent } from '../event.ts';
import { isoTime } from '../time.ts';
import type { Incident, Page, TrailEntry } from './incident.ts';
import type { IncidentPorts, IncidentTransition } from './transition.ts';

/** Entries of an audit trail; beyond them the oldest but the first is dropped. */
const MOST_ENTRIES = 200;

type Facts = Pick<
	EscalationEvent,
	| 'incident_id'
	| 'notification_id'
	| 'event_id'
	| 'sequence'
	| 'metadata'
	| 'timestamp'
	| 'dedup_key'
	| 'policy'
>;

/** An incident on its way through one transition: collects the changes, pages and events. */
export class Progress {
	incident: Incident;
	readonly now: number;
	readonly ports: IncidentPorts;
	private readonly notifications: Transition[] = [];
	private readonly stopped = new Set<string>();
	private readonly events: EscalationEvent[] = [];

	constructor(incident: Incident, now: number, ports: IncidentPorts) {
		this.incident = incident;
		this.now = now;
		this.ports = ports;
	}

	change(changes: Partial<Incident>): void {
		this.incident = { ...this.incident, ...changes };
	}

	note(entry: Omit<TrailEntry, 'at'>): void {
		this.change({ trail: withEntry(this.incident.trail, { at: this.now, ...entry }) });
	}

	/** Writes an event with the facts that all of them have. */
	tell(event: (facts: Facts) => EscalationEvent): void {
		const { id, notificationId, sequence, dedupKey, policyName, content } = this.incident;
		this.change({ sequence: sequence + 1 });
		this.events.push(
			event({
				...aboutOf(content, this.ports.about),
				incident_id: id,
				notification_id: notificationId,
				event_id: this.ports.newId('evt'),
				sequence: sequence + 1,
				...(dedupKey === undefined ? {} : { dedup_key: dedupKey }),
				...(policyName === undefined ? {} : { policy: policyName }),
				metadata: { ...content.metadata },
				timestamp: isoTime(this.now),
			}),
		);
	}

	/** Adds a page that goes out now. */
	page(transition: Transition, page: Page): void {
		this.notifications.push(transition);
		this.change({ pages: [...this.incident.pages, page] });
	}

	/** The notifications that this transition makes. */
	get made(): readonly Transition[] {
		return this.notifications;
	}

	stop(notificationIds: Iterable<string>): void {
		for (const id of notificationIds) this.stopped.add(id);
	}

	end(): IncidentTransition {
		const { incident, notifications, events } = this;
		return { incident, notifications, stopped: [...this.stopped], events };
	}
}

function withEntry(trail: readonly TrailEntry[], entry: TrailEntry): readonly TrailEntry[] {
	const last = trail.at(-1);
	// A key may be sent every second; the number of triggers is counted elsewhere.
	const isRepeat = entry.action === 'triggered' && last?.action === 'triggered';
	const all = isRepeat ? [...trail.slice(0, -1), entry] : [...trail, entry];
	const [first, , ...rest] = all;
	return all.length > MOST_ENTRIES && first ? [first, ...rest] : all;
}
