import { answerButtons, createIds, outgoingMessage, readButton } from '@sureping/engine';
import { T0 } from '../support/dispatch-scene.ts';
import { IncidentScene } from '../support/incident-scene.ts';

describe('the buttons of a page', () => {
	it('come back as the answers that they stand for, in at most 64 bytes', () => {
		const id = createIds(Date.now)('inc');
		const read = answerButtons(id).map(({ data }) => {
			expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64);
			return readButton(data);
		});
		expect(read).toEqual([
			{ action: 'acknowledge', incidentId: id },
			{ action: 'resolve', incidentId: id },
		]);
	});

	it('are those of its incident', () => {
		const scene = new IncidentScene();
		scene.open({ steps: [{ after_s: 0, notify: ['console:main'] }] });
		scene.runTo(0);
		const [page] = scene.notifications.values();
		const [delivery] = page?.deliveries ?? [];
		if (!page || !delivery) throw new Error('Nobody was paged');
		expect(outgoingMessage(page, delivery, T0).buttons).toEqual(answerButtons(scene.incident.id));
		const other = { ...page, incidentId: undefined };
		expect(outgoingMessage(other, delivery, T0).buttons).toBeUndefined();
	});

	it.each([
		'',
		'acknowledge',
		'acknowledge:msg_1',
		'escalate:inc_1',
		'toString:inc_1',
		'resolve:inc_1 x',
	])('are not what %j came from', (data) => expect(readButton(data)).toBeUndefined());
});
