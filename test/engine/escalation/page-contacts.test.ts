import { IncidentScene } from '../../support/incident-scene.ts';

const BEN = { id: 'ben', name: 'Ben', addresses: [{ channel: 'console', address: 'ben' }] };

const deliveriesOf = (scene: IncidentScene) =>
	[...scene.notifications.values()].flatMap(({ deliveries }) =>
		deliveries.map(({ recipient, contactId }) => ({ recipient, contactId })),
	);

describe('a page', () => {
	it('names the contact that it goes to', () => {
		const scene = new IncidentScene({ contacts: [BEN] });
		scene.open({ steps: [{ after_s: 0, notify: ['contact:ben', 'console:second'] }] });
		scene.runTo(0);
		expect(deliveriesOf(scene)).toEqual([
			{ recipient: 'ben', contactId: 'ben' },
			{ recipient: 'second', contactId: undefined },
		]);
	});

	it('on a channel goes to the contact that the send named as its recipient', () => {
		const scene = new IncidentScene({ contacts: [BEN] });
		const content = {
			message: 'The database is down',
			metadata: {},
			priority: 'normal',
			recipient: 'contact:ben',
		} as const;
		expect(scene.open({ steps: [{ after_s: 0, notify: ['console:main'] }] }, { content }).ok).toBe(
			true,
		);
		scene.runTo(0);
		expect(deliveriesOf(scene)).toEqual([{ recipient: 'ben', contactId: 'ben' }]);
	});

	it('on a channel is refused when it is opened for a contact that there is not', () => {
		const scene = new IncidentScene({ contacts: [BEN] });
		const content = {
			message: 'The database is down',
			metadata: {},
			priority: 'normal',
			recipient: 'contact:dora',
		} as const;
		expect(scene.open({ steps: [{ after_s: 0, notify: ['console:main'] }] }, { content })).toEqual({
			ok: false,
			problems: [{ path: 'escalation.steps.0.notify.0', message: 'there is no contact dora' }],
		});
	});
});
