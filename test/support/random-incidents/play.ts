import {
	acknowledge,
	advance,
	cancelIncident,
	type Directory,
	dutyAt,
	escalateNow,
	type Incident,
	incidentDueAt,
	type IncidentPorts,
	type IncidentTransition,
	type Notification,
	openIncident,
	OVER,
	quietUntil,
	repeated,
	resolve,
} from '@sureping/engine';
import type { ReportRules } from '../../../engine/notification.ts';
import { zones as timeZones } from './zones.ts';
import { IncidentScene } from '../incident-scene.ts';
import { type Act, type Course, nextUp } from './course.ts';
import type { Outline } from './model.ts';

/** More than any drawn policy can need, with every repeat, opening and clock change. */
const MOST_WAKES = 1_000;
const MOST_PAGES = 1_000;
const MOST_DAYS = 60;

/** So that `not_opened` can be asked for. */
const REPORTED: ReportRules = { timeoutMs: 1, otherwise: 'delivered' };

const { catalog } = new IncidentScene().ports;

/** Plays a course on the engine, and throws where a rule that holds for every incident is broken. */
export function play(course: Course): Outline {
	const player = new Player(course);
	return player.run();
}

class Player {
	private readonly course: Course;
	private readonly ports: IncidentPorts;
	private now: number;
	private readonly notifications = new Map<string, Notification>();
	/** Times at which notifications were made and stopped, in the order in which they were made. */
	private readonly made: { readonly id: string; readonly at: number; stoppedAt?: number }[] = [];
	private readonly opened = new Set<string>();
	private readonly pages: string[] = [];
	private readonly events: string[] = [];
	private found: Incident | undefined;
	/** Steps that were decided since the incident opened, or opened again. */
	private steps = new Set<string>();
	private exhaustions = 0;
	private openings = 1;

	constructor(course: Course) {
		this.course = course;
		this.now = course.openedAt;
		this.ports = portsOf(course);
		const { openedAt, policy, channels, startsAfterMs, expiresAfterMs, priority } = course;
		const after = (ms: number | undefined) => (ms === undefined ? undefined : openedAt + ms);
		const opened = openIncident(
			{
				...{ owner: 'key:test', dedupKey: 'key', policy, channels },
				content: { message: 'The database is down', metadata: { n: 1 }, priority },
				startsAt: after(startsAfterMs),
				expiresAt: after(expiresAfterMs),
			},
			this.now,
			this.ports,
		);
		if (!opened.ok) throw new Error(JSON.stringify(opened.problems));
		this.store(undefined, opened.transition);
	}

	run(): Outline {
		const { course } = this;
		for (const act of course.acts) {
			const at = nextUp(course, course.openedAt + act.atMs);
			this.wakeUntil(at);
			this.now = at;
			this.advance();
			this.act(act);
		}
		const lastMoment = this.now;
		this.wakeUntil(Infinity);
		check(this.incident.status !== 'open', 'every policy ends');
		check(
			this.now - lastMoment < MOST_DAYS * 24 * 3_600_000,
			'every policy ends in a bounded time',
		);
		check(this.pages.length < MOST_PAGES, 'every policy ends after a bounded number of pages');
		return { status: this.incident.status, pages: this.pages, events: this.events };
	}

	private wakeUntil(end: number): void {
		for (let wakes = 0; ; wakes++) {
			check(wakes < MOST_WAKES, 'every policy ends in a bounded number of steps');
			const due = incidentDueAt(this.incident);
			if (due === undefined) return;
			const at = nextUp(this.course, Math.max(this.now, due));
			if (at > end) return;
			if (due - 1 > this.now) {
				this.now = due - 1;
				check(this.isNothingDone(), 'nothing happens before it is due');
			}
			this.now = at;
			this.advance();
		}
	}

	private advance(): void {
		const before = this.incident;
		const transition = advance(before, this.facts(), this.now, this.ports);
		this.store(before, transition);
		check(this.isNothingDone(), 'a second host that finds the same moment does nothing');
	}

	private isNothingDone(): boolean {
		const { incident } = this;
		const done = advance(incident, this.facts(), this.now, this.ports);
		const parts = [done.events, done.notifications, done.stopped];
		return done.incident === incident && parts.every(({ length }) => length === 0);
	}

	private act({ kind, by }: Act): void {
		const { incident: before, now, ports } = this;
		const facts = this.facts();
		const answer = { via: 'api' as const, by };
		const isOver = OVER.has(before.status);
		if (kind === 'repeat') {
			if (!isOver) this.store(before, repeated(before, now, ports));
			return;
		}
		const does = { acknowledge, resolve, escalate: escalateNow, cancel: cancelIncident }[kind];
		const transition = does(before, facts, answer, now, ports);
		check((transition === undefined) === isOver, 'only what is over takes no answer');
		if (!transition) return;
		this.store(before, transition, kind === 'escalate');
		const { status, answers } = this.incident;
		if (kind === 'acknowledge') {
			check(answers.at(-1)?.by === by, 'an answer is recorded');
			check(
				by === undefined || this.incident.pending.every((one) => one.contactId !== by),
				'pages of somebody who answered stop',
			);
			const own = this.incident.pages.filter(({ contactId }) => contactId === by);
			const stops = status === 'acknowledged' ? this.incident.pages : by === undefined ? [] : own;
			check(
				stops.every(({ notificationId: id }) => !this.isUnderWay(id)),
				'pages under way stop with an acknowledgement',
			);
		}
		if (OVER.has(status)) {
			check(
				[...this.notifications.keys()].every((id) => !this.isUnderWay(id)),
				'pages under way stop with the end',
			);
		}
	}

	/** The facts at this moment: what became of each page since. */
	private facts(): Parameters<typeof advance>[1] {
		const { outcomes } = this.course;
		for (const [i, { id, at, stoppedAt }] of this.made.entries()) {
			const outcome = outcomes[i % outcomes.length];
			const notification = this.notifications.get(id);
			if (!outcome || !notification) throw new Error('Every page has an outcome');
			const endsAt = outcome.kind === 'pending' ? Infinity : at + outcome.afterMs;
			const isEnded = endsAt <= (stoppedAt ?? this.now);
			const end = outcome.kind === 'failed' ? ('failed' as const) : ('delivered' as const);
			const state = isEnded ? end : stoppedAt === undefined ? undefined : ('cancelled' as const);
			if (!state || notification.deliveries[0]?.state === state) continue;
			const deliveries = notification.deliveries.map((one) => ({ ...one, state }));
			this.notifications.set(id, { ...notification, deliveries });
			if (isEnded && outcome.kind === 'opened') this.opened.add(id);
		}
		return { notifications: [...this.notifications.values()], opened: this.opened };
	}

	private isUnderWay(id: string): boolean {
		this.facts();
		const deliveries = this.notifications.get(id)?.deliveries ?? [];
		return deliveries.some(({ state }) => state === 'queued');
	}

	private get incident(): Incident {
		if (!this.found) throw new Error('The incident was opened');
		return this.found;
	}

	/** Stores a transition as a host would, and reads the incident back as one that starts anew does. */
	private store(
		before: Incident | undefined,
		transition: IncidentTransition,
		isByHand = false,
	): void {
		const { incident, notifications, stopped, events } = transition;
		this.checkEvents(before, transition, isByHand);
		for (const { notification } of notifications) {
			check(!this.notifications.has(notification.id), 'no page is made twice');
			check(notification.incidentId === incident.id, 'a page names its incident');
			this.notifications.set(notification.id, notification);
			this.made.push({ id: notification.id, at: this.now });
		}
		const paged = incident.pages.slice(before?.pages.length ?? 0);
		check(
			paged.map((page) => page.notificationId).join() ===
				notifications.map((one) => one.notification.id).join(),
			'the incident knows its pages, and no others',
		);
		for (const { contactId, channels } of paged) {
			this.pages.push(`${this.now - this.course.openedAt} ${contactId ?? '-'} ${channels.join()}`);
		}
		for (const id of stopped) {
			const one = this.made.find((made) => made.id === id);
			check(one !== undefined && one.stoppedAt === undefined, 'only pages that go on are stopped');
			if (one) one.stoppedAt = this.now;
		}
		for (const { event } of events) {
			this.events.push(`${this.now - this.course.openedAt} ${event.replace('escalation.', '')}`);
		}
		const due = incidentDueAt(incident);
		check(due === undefined || due > this.now, 'what is due next is in the future');
		check(!OVER.has(incident.status) || due === undefined, 'nothing is due when it is over');
		check(
			incident.status !== 'open' || due !== undefined,
			'an open incident has something to come',
		);
		check(incident.trail.at(-1)?.at !== undefined, 'the trail is kept');
		this.found = JSON.parse(JSON.stringify(incident)) as Incident;
		if (before === incident) this.found = before;
	}

	private checkEvents(
		before: Incident | undefined,
		{ incident, events, notifications }: IncidentTransition,
		isByHand: boolean,
	): void {
		let status = before?.status === 'exhausted' && isByHand ? 'open' : (before?.status ?? 'open');
		if (status === 'open' && before?.status === 'exhausted') this.openAgain();
		events.forEach((event, i) => {
			check(event.sequence === (before?.sequence ?? 0) + i + 1, 'events have no gaps');
			check(event.incident_id === incident.id, 'events name their incident');
			if (event.event === 'escalation.step_started') {
				check(status === 'open', 'a step starts only while nobody has answered');
				const { round, step, pages, problems = [] } = event;
				check(!this.steps.has(`${round} ${step}`), 'no step starts twice');
				this.steps.add(`${round} ${step}`);
				const isHeld = incident.pending.some((one) => one.round === round && one.step === step);
				check(
					pages.length > 0 || problems.length > 0 || isHeld,
					'a step that paged nobody says why in its event',
				);
				check(
					problems.length === 0 ||
						incident.trail.some((one) => one.action === 'page_failed' && one.at === this.now),
					'a step that paged nobody says why in the trail',
				);
			}
			if (event.event === 'escalation.exhausted') {
				check(++this.exhaustions <= this.openings, 'it is exhausted once for each opening');
			}
			({ status } = event);
			if (event.event === 'escalation.unacknowledged') this.openAgain();
		});
		const isQuiet = before && (before.status === 'acknowledged' || OVER.has(before.status));
		const isOpenedAgain = events.some(({ event }) => event === 'escalation.unacknowledged');
		check(
			!isQuiet || isOpenedAgain || notifications.length === 0,
			'nobody is paged after an acknowledgement or the end',
		);
	}

	private openAgain(): void {
		this.steps = new Set();
		this.openings++;
	}
}

function portsOf({ contacts, onCalls }: Course): IncidentPorts {
	let count = 0;
	const contact: Directory['contact'] = (id) => contacts.find((one) => one.id === id);
	const onCall: Directory['onCall'] = (name) => onCalls.find((one) => one.name === name);
	return {
		directory: {
			...{ contact, onCall, contacts, onCalls, policies: [], policy: () => undefined },
			duty(name, at) {
				const found = onCall(name);
				return found && dutyAt(found, at, { timeZones, hasContact: () => true });
			},
		},
		catalog: catalog.map((entry) => ({ ...entry, report: REPORTED })),
		newId: (prefix) => `${prefix}_${++count}`,
		about: { includeMessage: true },
		quietUntil(id, at) {
			const found = contact(id);
			return found && quietUntil(found, at, timeZones);
		},
	};
}

function check(holds: boolean, rule: string): void {
	if (!holds) throw new Error(`Broken: ${rule}`);
}
