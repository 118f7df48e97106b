import { type Contact, dutyAt, quietUntil, type Urgency } from '@sureping/engine';
import { zones as timeZones } from './zones.ts';
import { type Act, type Course, nextUp } from './course.ts';

/** A page of the model, and its end. */
interface Made {
	readonly at: number;
	readonly who?: string | undefined;
	readonly round: number;
	readonly step: number;
	/** Made because nobody answered. */
	readonly isLast: boolean;
	stoppedAt?: number;
}

interface Waiting {
	readonly at: number;
	readonly who: string;
	readonly channels: readonly string[];
	readonly urgency: Urgency;
	readonly round: number;
	readonly step: number;
	readonly isLast: boolean;
}

type Place = Pick<Waiting, 'round' | 'step' | 'isLast'>;

/** The outward course of an incident. Times are milliseconds since its opening. */
export interface Outline {
	readonly status: string;
	/** `TIME WHO CHANNELS`, in their order. */
	readonly pages: readonly string[];
	/** `TIME TYPE`, in their order. */
	readonly events: readonly string[];
}

/** The same rules once more, as the API's description has them: slow, mutable, and with nothing shared with the engine but who is on call and whose hours are quiet. */
export class Model {
	private readonly course: Course;
	private now: number;
	private status = 'open';
	private round = 0;
	private step = 0;
	private next:
		{ at: number; round: number; step: number; isEnd: boolean; isForced: boolean } | undefined;
	private waiting: Waiting[] = [];
	private readonly made: Made[] = [];
	private readonly answered = new Set<string | undefined>();
	private reopenAt = Infinity;
	private resolveAt: number;
	private expireAt: number;
	private readonly pages: string[] = [];
	private readonly events: string[] = [];

	constructor(course: Course) {
		this.course = course;
		const { openedAt, policy, startsAfterMs = 0, expiresAfterMs = Infinity, channels } = course;
		this.now = openedAt;
		const start = openedAt + startsAfterMs;
		this.resolveAt = start + (policy.resolve_after_s ?? Infinity) * 1000;
		this.expireAt = openedAt + expiresAfterMs;
		this.next = {
			at: channels.length > 0 ? start : start + this.afterMs(1),
			...{ round: 0, step: channels.length > 0 ? 0 : 1, isEnd: false, isForced: false },
		};
		this.tell('opened');
		this.doDue();
	}

	/** The whole course. */
	run(): Outline {
		const { openedAt, acts } = this.course;
		for (const act of acts) {
			const at = nextUp(this.course, openedAt + act.atMs);
			this.wakeUntil(at);
			this.now = at;
			this.doDue();
			this.act(act);
		}
		this.wakeUntil(Infinity);
		return { status: this.status, pages: this.pages, events: this.events };
	}

	private wakeUntil(end: number): void {
		for (;;) {
			const at = nextUp(this.course, Math.max(this.now, this.dueAt()));
			if (at === Infinity || at > end) return;
			this.now = at;
			this.doDue();
		}
	}

	private dueAt(): number {
		const expireAt = this.status === 'open' ? this.expireAt : Infinity;
		const waiting = this.waiting.map(({ at }) => at);
		return Math.min(this.next?.at ?? Infinity, ...waiting, this.reopenAt, this.resolveAt, expireAt);
	}

	private doDue(): void {
		const { now } = this;
		while (this.dueAt() <= now) {
			if (this.resolveAt <= now) this.over('resolved');
			else if (this.status === 'open' && this.expireAt <= now) {
				this.waiting = [];
				this.expireAt = Infinity;
				this.exhaust();
			} else if (this.reopenAt <= now) {
				this.tell('unacknowledged');
				this.again(1, 0, true);
			} else {
				const first = this.waiting.find(({ at }) => at <= now);
				if (first) {
					this.waiting = this.waiting.filter((one) => one !== first);
					this.pageWaiting(first);
				} else if (this.next?.isEnd) this.exhaust();
				else this.startStep();
			}
		}
	}

	private startStep(): void {
		if (!this.next) throw new Error('A step is due');
		const { policy, channels } = this.course;
		const { round, step, isForced } = this.next;
		const rules = policy.steps[step - 1];
		if (!rules || isForced || this.isMet(rules.when)) {
			this.round = round;
			this.step = step;
			const place = { round, step, isLast: false };
			const before = this.made.length + this.waiting.length;
			if (rules) this.pageAll(rules.notify, rules.urgency, place);
			else this.page(undefined, channels, place);
			this.tell('step_started');
			// With nobody paged, and nobody to be paged later, the next step of the round does not wait.
			const isEmpty = this.made.length + this.waiting.length === before;
			if (isEmpty && step < policy.steps.length) {
				this.next = { at: this.now, round, step: step + 1, isEnd: false, isForced: false };
				return;
			}
		}
		const free = { isEnd: false, isForced: false };
		if (step < policy.steps.length) {
			this.next = { at: this.now + this.afterMs(step + 1), round, step: step + 1, ...free };
		} else if (round < policy.repeat) {
			this.next = {
				at: this.now + policy.repeat_after_s * 1000,
				round: round + 1,
				step: 1,
				...free,
			};
		} else {
			const wait = Math.max(1000, this.afterMs(step));
			this.next = { at: this.now + wait, round, step, isEnd: true, isForced: false };
		}
	}

	private isMet(when: string): boolean {
		const states = this.made.map((_, i) => this.stateOf(i));
		const isDelivered = states.some((state) => state === 'delivered' || state === 'opened');
		if (when === 'failed') return !isDelivered && !states.includes('under way');
		if (when === 'not_delivered') return !isDelivered;
		return when !== 'not_opened' || !states.includes('opened');
	}

	private stateOf(i: number): string {
		const { outcomes } = this.course;
		const outcome = outcomes[i % outcomes.length];
		const made = this.made[i];
		if (!outcome || !made) throw new Error('Every page has an outcome');
		const endsAt = outcome.kind === 'pending' ? Infinity : made.at + outcome.afterMs;
		if (endsAt <= (made.stoppedAt ?? this.now)) return outcome.kind;
		return made.stoppedAt === undefined ? 'under way' : 'cancelled';
	}

	private exhaust(): void {
		this.status = 'exhausted';
		this.next = undefined;
		const notify = this.course.policy.on_exhausted?.notify ?? [];
		this.pageAll(notify, 'important', { round: this.round, step: this.step, isLast: true });
		this.tell('exhausted');
	}

	private over(status: 'resolved' | 'cancelled'): void {
		this.status = status;
		this.quiet();
		this.resolveAt = Infinity;
		if (status === 'resolved') this.tell('resolved');
	}

	/** Nothing is to come, and what is under way stops. */
	private quiet(): void {
		this.next = undefined;
		this.waiting = [];
		this.reopenAt = Infinity;
		this.stop(() => true);
	}

	private stop(isMeant: (made: Made) => boolean): void {
		for (const one of this.made.filter(isMeant)) one.stoppedAt ??= this.now;
	}

	private again(step: number, round: number, isForced: boolean): void {
		this.status = 'open';
		this.answered.clear();
		this.reopenAt = Infinity;
		if (step === 1) [this.round, this.step] = [0, 0];
		this.next = { at: this.now, round, step, isEnd: false, isForced };
	}

	private act({ kind, by }: Act): void {
		if (this.status === 'resolved' || this.status === 'cancelled' || kind === 'repeat') return;
		if (kind === 'resolve') this.over('resolved');
		else if (kind === 'cancel') this.over('cancelled');
		else if (kind === 'acknowledge') this.acknowledge(by);
		else this.escalate();
	}

	private acknowledge(by: string | undefined): void {
		const { policy } = this.course;
		this.answered.add(by);
		const isHere = (one: Made | Waiting): boolean =>
			one.round === this.round && one.step === this.step && !one.isLast;
		const asked = [...this.made, ...this.waiting].filter(isHere).flatMap(({ who }) => who ?? []);
		const isForAll = policy.steps[this.step - 1]?.ack === 'all';
		const isMissing = isForAll && asked.some((who) => !this.answered.has(who));
		if (this.status !== 'acknowledged' && isMissing) {
			if (by === undefined) return;
			this.waiting = this.waiting.filter(({ who }) => who !== by);
			this.stop(({ who }) => who === by);
			return;
		}
		this.quiet();
		this.reopenAt = this.now + (policy.ack_timeout_s ?? Infinity) * 1000;
		if (this.status !== 'acknowledged') this.tell('acknowledged');
		this.status = 'acknowledged';
	}

	private escalate(): void {
		const { status, next, step, round } = this;
		if (status === 'acknowledged') this.tell('unacknowledged');
		if (status === 'open' && next) {
			this.next = { ...next, at: this.now, isForced: true };
		} else if (status === 'acknowledged' && step < this.course.policy.steps.length) {
			this.again(step + 1, round, true);
		} else this.again(1, 0, true);
		this.doDue();
	}

	private pageAll(notify: readonly string[], urgency: Urgency, place: Place): void {
		const paged = new Set<string>();
		for (const text of notify) {
			const [kind, name = ''] = text.split(':');
			if (kind !== 'contact' && kind !== 'on_call') {
				this.page(undefined, [text], place);
				continue;
			}
			for (const who of kind === 'contact' ? [name] : this.onDuty(name)) {
				if (paged.has(who) || this.answered.has(who)) continue;
				paged.add(who);
				for (const [after, channels] of waysTo(this.contact(who), urgency)) {
					const one = { at: this.now + after * 1000, who, channels, urgency, ...place };
					if (after > 0) this.waiting.push(one);
					else this.pageWaiting(one);
				}
			}
		}
	}

	private pageWaiting(one: Waiting): void {
		const { who, channels, urgency } = one;
		const contact = this.contact(who);
		const isLoud = urgency === 'important' || this.course.priority === 'critical';
		const quiet = isLoud ? undefined : quietUntil(contact, this.now, timeZones);
		if (quiet === 'skip') return;
		if (quiet !== undefined) {
			this.waiting.push({ ...one, at: quiet });
			return;
		}
		const has = channels.filter((name) => contact.addresses.some((a) => a.channel === name));
		if (has.length > 0) this.page(who, has, one);
	}

	private page(who: string | undefined, channels: readonly string[], place: Place): void {
		// After its expiry a page cannot be sent.
		if (this.expireAt <= this.now) return;
		const { round, step, isLast } = place;
		this.made.push({ at: this.now, who, round, step, isLast });
		const named = channels.map((one) => (one.includes(':') ? one : `${one}:main`));
		this.pages.push(`${this.now - this.course.openedAt} ${who ?? '-'} ${named.join()}`);
	}

	private contact(id: string): Contact {
		const found = this.course.contacts.find((one) => one.id === id);
		if (!found) throw new Error(`There is a contact ${id}`);
		return found;
	}

	private onDuty(name: string): readonly string[] {
		const onCall = this.course.onCalls.find((one) => one.name === name);
		return onCall ? dutyAt(onCall, this.now, { timeZones, hasContact: () => true }).who : [];
	}

	private afterMs(step: number): number {
		return (this.course.policy.steps[step - 1]?.after_s ?? 0) * 1000;
	}

	private tell(type: string): void {
		this.events.push(`${this.now - this.course.openedAt} ${type}`);
	}
}

/** When a contact is paged and on which channels: by its rules, else on all channels or the first. */
function waysTo(contact: Contact, urgency: Urgency): readonly (readonly [number, string[]])[] {
	const all = contact.addresses.map(({ channel }) => channel);
	const rules =
		contact.rules?.[urgency] ??
		(urgency === 'important' ? all : all.slice(0, 1)).map((channel) => ({ channel, after_s: 0 }));
	const times = [...new Set(rules.map((rule) => rule.after_s))].sort((a, b) => a - b);
	return times.map((time) => [
		time,
		[...new Set(rules.filter((rule) => rule.after_s === time).map(({ channel }) => channel))],
	]);
}
