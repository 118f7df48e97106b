import { acknowledge, cancelIncident, escalateNow, repeated, resolve } from '@sureping/engine';
import { IncidentScene } from '../../support/incident-scene.ts';

const TWO_STEPS = {
	steps: [
		{ after_s: 0, notify: ['console:main'] },
		{ after_s: 60, notify: ['webhook:main'] },
	],
};
const LINK = { via: 'link' } as const;

const contact = (id: string) => ({
	...{ id, name: id },
	addresses: [{ channel: 'webhook', connection: 'main', address: 'main' }],
});
const TWO_CONTACTS = [contact('alice'), contact('bob')];

const answer = (scene: IncidentScene, by: string): void =>
	scene.do((incident, facts) => {
		return acknowledge(incident, facts, { ...LINK, by }, scene.now, scene.ports) ?? fail();
	});

const types = (scene: IncidentScene): readonly string[] =>
	scene.events.map(({ event }) => event.replace('escalation.', ''));

describe('an incident', () => {
	it('pages step by step until nobody is left, and says that nobody answered', () => {
		const scene = new IncidentScene();
		scene.open(TWO_STEPS);
		scene.runTo(119);
		expect(scene.incident.status).toBe('open');
		scene.runTo(120);
		expect(scene.pages).toEqual([
			{ at: 0, to: 'console:main' },
			{ at: 60, to: 'webhook:main' },
		]);
		expect(types(scene)).toEqual(['opened', 'step_started', 'step_started', 'exhausted']);
		expect(scene.events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
		expect(scene.incident).toMatchObject({ status: 'exhausted', next: undefined });
	});

	it('pages nobody after an acknowledgement, and stops what is under way', () => {
		const scene = new IncidentScene();
		scene.open(TWO_STEPS);
		scene.runTo(30);
		scene.do((incident, facts) => {
			const answer = { ...LINK, by: 'alice', note: 'on it' };
			return acknowledge(incident, facts, answer, scene.now, scene.ports) ?? fail();
		});
		scene.runTo(10_000);
		expect(scene.pages).toHaveLength(1);
		expect(scene.stopped).toEqual([scene.incident.pages[0]?.notificationId]);
		expect(scene.events.at(-1)).toMatchObject({
			event: 'escalation.acknowledged',
			by: 'alice',
			via: 'link',
			note: 'on it',
		});
	});

	it('repeats its steps, and counts the rounds', () => {
		const scene = new IncidentScene();
		scene.open({ ...TWO_STEPS, repeat: 2, repeat_after_s: 100 });
		scene.runTo(10_000);
		expect(scene.pages.map(({ at }) => at)).toEqual([0, 60, 160, 220, 320, 380]);
		expect(scene.now).toBeGreaterThan(0);
		expect(scene.incident.status).toBe('exhausted');
	});

	it('opens again at its first step when an acknowledged one is not resolved in time', () => {
		const scene = new IncidentScene();
		scene.open({ ...TWO_STEPS, ack_timeout_s: 50 });
		scene.do(
			(incident, facts) => acknowledge(incident, facts, LINK, scene.now, scene.ports) ?? fail(),
		);
		scene.runTo(50);
		expect(types(scene).slice(-2)).toEqual(['unacknowledged', 'step_started']);
		expect(scene.incident).toMatchObject({ status: 'open', step: 1, answers: [] });
	});

	it('waits for every contact of a step that asks for all', () => {
		const scene = new IncidentScene({ contacts: TWO_CONTACTS });
		const notify = ['contact:alice', 'contact:bob'];
		scene.open({ steps: [{ after_s: 0, notify, ack: 'all', urgency: 'important' }] });
		answer(scene, 'alice');
		expect(scene.incident.status).toBe('open');
		answer(scene, 'bob');
		expect(scene.incident.status).toBe('acknowledged');
	});

	it('waits for all although the next step was skipped, and many others answered', () => {
		const scene = new IncidentScene({ contacts: TWO_CONTACTS });
		const notify = ['contact:alice', 'contact:bob'];
		scene.open({
			steps: [
				{ after_s: 0, notify, ack: 'all' },
				{ after_s: 10, notify: ['console:main'], when: 'failed' },
				{ after_s: 100, notify: ['console:main'] },
			],
		});
		scene.runTo(10);
		expect(scene.incident.trail.at(-1)).toMatchObject({ action: 'step_skipped', step: 2 });
		answer(scene, 'alice');
		for (let i = 0; i < 150; i++) answer(scene, 'a stranger');
		expect(scene.incident).toMatchObject({ status: 'open', step: 1 });
		expect(scene.incident.answers).toHaveLength(100);
		answer(scene, 'bob');
		expect(scene.incident.status).toBe('acknowledged');
	});

	it('does not wait for those who were told that nobody answered', () => {
		const scene = new IncidentScene({ contacts: TWO_CONTACTS });
		scene.open({
			steps: [{ after_s: 0, notify: ['contact:alice'], ack: 'all' }],
			on_exhausted: { notify: ['contact:bob'] },
		});
		scene.runTo(10);
		expect(scene.incident.status).toBe('exhausted');
		answer(scene, 'alice');
		expect(scene.incident.status).toBe('acknowledged');
	});

	it('starts its first step when it opens again, whatever became of the pages before', () => {
		const scene = new IncidentScene();
		scene.open({
			steps: [{ after_s: 0, notify: ['console:main'], when: 'not_delivered' }],
			ack_timeout_s: 50,
		});
		for (const [id, notification] of scene.notifications) {
			const deliveries = notification.deliveries.map((one) => ({
				...one,
				state: 'delivered' as const,
			}));
			scene.notifications.set(id, { ...notification, deliveries });
		}
		answer(scene, 'alice');
		scene.runTo(50);
		expect(types(scene).slice(-2)).toEqual(['unacknowledged', 'step_started']);
		expect(scene.pages.map(({ at }) => at)).toEqual([0, 50]);
	});

	it("pages the send's own channels when it starts, not when it was asked for", () => {
		const scene = new IncidentScene();
		const channels = ['console:second'];
		scene.open(TWO_STEPS, { channels, startsAt: scene.now + 600_000 });
		scene.runTo(599);
		expect(scene.pages).toEqual([]);
		scene.runTo(660);
		expect(scene.pages.map(({ at, to }) => `${at} ${to}`)).toEqual([
			'600 console:second',
			'600 console:main',
			'660 webhook:main',
		]);
	});

	it('starts the next step at once when nobody could be paged', () => {
		const scene = new IncidentScene({ duty: { nobody: [] } });
		scene.open({
			steps: [
				{ after_s: 0, notify: ['on_call:nobody'] },
				{ after_s: 600, notify: ['console:main'] },
			],
		});
		expect(scene.pages).toEqual([{ at: 0, to: 'console:main' }]);
		expect(scene.events[1]).toMatchObject({
			problems: [{ notify: 'on_call:nobody', message: 'nobody is on call' }],
		});
	});

	it('skips a step whose condition does not hold, and keeps to the times of the others', () => {
		const scene = new IncidentScene();
		scene.open({
			steps: [
				{ after_s: 0, notify: ['console:main'] },
				{ after_s: 60, when: 'failed', notify: ['console:second'] },
				{ after_s: 60, when: 'not_delivered', notify: ['webhook:main'] },
			],
		});
		scene.runTo(200);
		expect(scene.pages.map(({ at, to }) => `${at} ${to}`)).toEqual([
			'0 console:main',
			'120 webhook:main',
		]);
	});

	it('can be escalated, repeated, resolved and cancelled by hand', () => {
		const scene = new IncidentScene();
		scene.open(TWO_STEPS);
		const by = { via: 'api', by: 'ops' } as const;
		scene.do(
			(incident, facts) => escalateNow(incident, facts, by, scene.now, scene.ports) ?? fail(),
		);
		expect(scene.pages.map(({ to }) => to)).toEqual(['console:main', 'webhook:main']);
		scene.do((incident) => repeated(incident, scene.now, scene.ports));
		expect(scene.incident.triggers).toBe(1);
		scene.do((incident, facts) => resolve(incident, facts, by, scene.now, scene.ports) ?? fail());
		expect(scene.incident.status).toBe('resolved');
		expect(cancelIncident(scene.incident, scene.facts, by, scene.now, scene.ports)).toBeUndefined();
	});

	it('is exhausted when it expires, whatever is still to come', () => {
		const scene = new IncidentScene();
		scene.open(TWO_STEPS, { expiresAt: scene.now + 30_000 });
		scene.runTo(1000);
		expect(scene.pages).toHaveLength(1);
		expect(scene.events.at(-1)).toMatchObject({ event: 'escalation.exhausted', reason: 'expired' });
	});

	it('is refused with every party that there is not, and the place of each', () => {
		const scene = new IncidentScene();
		const opened = scene.open({
			steps: [{ after_s: 0, notify: ['contact:nobody', 'on_call:none', 'slack', 'console:main'] }],
		});
		expect(opened).toMatchObject({
			ok: false,
			problems: [
				{ path: 'escalation.steps.0.notify.0', message: 'there is no contact nobody' },
				{ path: 'escalation.steps.0.notify.1', message: 'there is no on-call none' },
				{ path: 'escalation.steps.0.notify.2' },
			],
		});
	});
});

function fail(): never {
	throw new Error('The incident is over');
}
