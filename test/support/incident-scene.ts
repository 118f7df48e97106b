import {
	advance,
	type Contact,
	type Directory,
	type Duty,
	type Incident,
	incidentDueAt,
	type IncidentOpening,
	type IncidentPorts,
	type IncidentStep,
	type IncidentTransition,
	type NewId,
	type Notification,
	type OnCall,
	openConnection,
	openIncident,
	type OpenedIncident,
	policyBodySchema,
	WEBHOOK_RETRY,
	withoutRetries,
} from '@sureping/engine';

/** Thursday, 2026-01-01, 00:00 UTC. */
export const OPENED_AT = Date.UTC(2026, 0, 1);

export interface SceneSettings {
	readonly contacts?: readonly Contact[];
	/** Ids of contacts on call, by the on-call's name. */
	readonly duty?: Readonly<Record<string, readonly string[]>>;
	readonly quietUntil?: IncidentPorts['quietUntil'];
}

/** One incident in memory, with the notifications of its pages, as a host would keep them. */
export class IncidentScene {
	now = OPENED_AT;
	readonly ports: IncidentPorts;
	readonly notifications = new Map<string, Notification>();
	readonly opened = new Set<string>();
	readonly stopped: string[] = [];
	readonly events: IncidentTransition['events'][number][] = [];
	/** The pages in the order in which they went out: the seconds since the opening, and the connections. */
	readonly pages: { readonly at: number; readonly to: string }[] = [];
	private found: Incident | undefined;

	constructor({ contacts = [], duty = {}, quietUntil }: SceneSettings = {}) {
		let count = 0;
		const newId: NewId = (prefix) => `${prefix}_${++count}`;
		const channels = ['console', 'webhook'].flatMap((channel) =>
			['main', 'second'].map((name) => ({ channel, name })),
		);
		const catalog = channels.map(({ channel, name }) => {
			const settings = channel === 'webhook' ? { url: `http://127.0.0.1:9/${name}` } : {};
			const opened = openConnection(channel, name, settings);
			if (!opened.ok) throw new Error(`The connection ${channel}:${name} is in order`);
			return {
				...{ channel, name, connection: opened.connection },
				policy: withoutRetries(WEBHOOK_RETRY),
			};
		});
		const directory: Directory = {
			contact: (id) => contacts.find((one) => one.id === id),
			onCall: (name) => (duty[name] ? onCallNamed(name, duty[name]) : undefined),
			policy: () => undefined,
			duty: (name): Duty | undefined => duty[name] && { who: duty[name] },
			contacts,
			onCalls: Object.entries(duty).map(([name, who]) => onCallNamed(name, who)),
			policies: [],
		};
		this.ports = {
			directory,
			catalog,
			newId,
			about: { includeMessage: true },
			quietUntil: quietUntil ?? (() => undefined),
		};
	}

	get incident(): Incident {
		if (!this.found) throw new Error('No incident was opened');
		return this.found;
	}

	open(policy: unknown, more: Partial<IncidentOpening> = {}): OpenedIncident {
		const opened = openIncident(
			{
				owner: 'key:test',
				policy: policyBodySchema.parse(policy),
				content: { message: 'The database is down', metadata: {}, priority: 'normal' },
				...more,
			},
			this.now,
			this.ports,
		);
		if (opened.ok) this.store(opened.transition);
		return opened;
	}

	/** Applies a step as a host would. */
	do(step: IncidentStep): void {
		this.store(step(this.incident, this.facts));
	}

	get facts(): Parameters<IncidentStep>[1] {
		return { notifications: [...this.notifications.values()], opened: this.opened };
	}

	/** Lets time pass, to this many seconds after the opening, and does what is due at each moment. */
	runTo(seconds: number): void {
		const end = OPENED_AT + seconds * 1000;
		for (;;) {
			const due = incidentDueAt(this.incident);
			if (due === undefined || due > end) break;
			this.now = Math.max(this.now, due);
			this.do((incident, facts) => advance(incident, facts, this.now, this.ports));
		}
		this.now = Math.max(this.now, end);
	}

	private store({ incident, notifications, stopped, events }: IncidentTransition): void {
		this.found = incident;
		for (const { notification } of notifications) {
			this.notifications.set(notification.id, notification);
			for (const { channel, connection, recipient } of notification.deliveries) {
				const to = `${channel}:${connection}${recipient === connection ? '' : ` ${recipient}`}`;
				this.pages.push({ at: (this.now - OPENED_AT) / 1000, to });
			}
		}
		this.stopped.push(...stopped);
		this.events.push(...events);
	}
}

function onCallNamed(name: string, members: readonly string[]): OnCall {
	return {
		name,
		members: [...members],
		every: 'week',
		handover: 'Mon 09:00',
		time_zone: 'UTC',
		start: '2024-01-01',
		overrides: [],
	};
}
