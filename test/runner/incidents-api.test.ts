import {
	type IncidentRunner,
	type KeyName,
	startIncidentRunner,
} from '../support/incident-runner.ts';

const ACTIONS = ['acknowledge', 'resolve', 'escalate'] as const;

describe('incidents over the API', () => {
	let scene: IncidentRunner;
	beforeAll(async () => {
		scene = await startIncidentRunner();
	});
	afterAll(() => scene.runner.dispose());

	const act = (id: string, action: string, body?: unknown, key: KeyName = 'admin') =>
		scene.call('POST', `/incidents/${id}/${action}`, body, key);
	const actions = (incident: { trail: { action: string }[] }): string[] =>
		incident.trail.map(({ action }) => action);
	let keys = 0;
	const newKey = (): string => `disk-${++keys}`;

	it('are shown with their pages, their trail and what comes next', async () => {
		const id = await scene.escalate('nights', { metadata: { disk: 'sda' }, dedup_key: 'shown' });
		const incident = await scene.incident(id);
		expect(incident).toMatchObject({
			id,
			dedup_key: 'shown',
			owner: 'key:admin',
			status: 'open',
			policy: 'nights',
			step: 1,
			round: 0,
			subject: 'db-1',
			message: 'The disk is full',
			metadata: { disk: 'sda' },
			priority: 'normal',
			triggers: 0,
			answers: [],
			waiting_for: [],
			pending: [],
			pages: [{ step: 1, round: 0, contact_id: 'ada', channels: ['console:terminal'] }],
			next: { kind: 'step', step: 2, round: 0 },
			policy_at_opening: { steps: [{ notify: ['contact:ada'] }, { notify: ['contact:bob'] }] },
		});
		expect(actions(incident)).toEqual(['opened', 'step_started', 'paged']);
		expect(Date.parse(incident.next.at) - Date.parse(incident.opened_at)).toBe(3_600_000);
		const page = `/notifications/${incident.pages[0].notification_id}`;
		expect((await scene.call('GET', page)).status).toBe(200);
		expect((await scene.call('GET', '/incidents/inc_none')).status).toBe(404);
	});

	it('are listed newest first, by status and key, page by page', async () => {
		const dedup_key = newKey();
		const first = await scene.escalate('nights', { dedup_key, message: 'x'.repeat(1_000) });
		await act(first, 'resolve', {});
		const second = await scene.escalate('nights', { dedup_key });
		await act(second, 'acknowledge', { by: 'ada' });
		const list = async (query: string) =>
			(await scene.call('GET', `/incidents?dedup_key=${dedup_key}${query}`)).body;
		const all = await list('');
		expect(all.incidents).toMatchObject([
			{ id: second, status: 'acknowledged', last_answer: { by: 'ada', via: 'api' } },
			{ id: first, status: 'resolved', ended_at: expect.any(String) },
		]);
		expect(all.incidents[1].message).toHaveLength(280);
		expect(all).not.toHaveProperty('next_cursor');
		expect((await list('&status=resolved')).incidents).toMatchObject([{ id: first }]);
		const page = await list('&limit=1');
		expect(page.incidents).toMatchObject([{ id: second }]);
		const rest = await list(`&limit=1&after=${page.next_cursor}`);
		expect(rest.incidents).toMatchObject([{ id: first }]);
		for (const query of ['&status=lost', '&limit=0', '&owner=x']) {
			const { status } = await scene.call('GET', `/incidents?dedup_key=${dedup_key}${query}`);
			expect([query, status]).toEqual([query, 422]);
		}
	});

	it('are acknowledged and then resolved, and are afterwards as they were', async () => {
		const id = await scene.escalate();
		const { status, body } = await act(id, 'acknowledge', { by: 'ada', note: 'I am on it' });
		expect([status, body.status]).toEqual([200, 'acknowledged']);
		expect(body).not.toHaveProperty('next');
		expect(body.answers).toMatchObject([{ by: 'ada', via: 'api', note: 'I am on it' }]);
		expect(body).toEqual(await scene.incident(id));

		// Once more, by somebody who is no contact.
		const again = await act(id, 'acknowledge', { by: 'Grace Hopper' });
		expect([again.status, again.body.status]).toEqual([200, 'acknowledged']);
		expect(again.body.answers.map(({ by }: { by: string }) => by)).toEqual(['ada', 'Grace Hopper']);

		const resolved = await act(id, 'resolve', { note: 'A new disk\nis in' });
		expect(resolved.body).toMatchObject({ status: 'resolved', ended_at: expect.any(String) });
		expect(resolved.body.trail.at(-1)).toMatchObject({
			action: 'resolved',
			// Without a name it is the key's.
			by: 'key:admin',
			via: 'api',
			note: 'A new disk\nis in',
		});
		for (const action of ACTIONS) {
			const refused = await act(id, action, {});
			expect([action, refused.status]).toEqual([action, 409]);
			expect(refused.body).toMatchObject({
				detail: expect.stringMatching(/is resolved since 20/),
				incident: { id, status: 'resolved' },
			});
		}
		expect(await scene.incident(id)).toEqual(resolved.body);
	});

	it('are told of by events, with who did it', async () => {
		const id = await scene.escalate('nights', { metadata: { order: 7 } });
		await act(id, 'acknowledge', { by: 'ada', note: 'mine' });
		await act(id, 'resolve', { by: 'bob' });
		const types = 'escalation.acknowledged,escalation.resolved';
		const { body } = await scene.call('GET', `/events?limit=1000&types=${types}`);
		const own = body.events.filter(
			({ incident_id }: { incident_id: string }) => incident_id === id,
		);
		expect(own).toMatchObject([
			{ event: 'escalation.acknowledged', by: 'ada', via: 'api', note: 'mine' },
			{ event: 'escalation.resolved', by: 'bob', via: 'api', metadata: { order: 7 } },
		]);
	});

	it('need no body to be acknowledged', async () => {
		const id = await scene.escalate();
		const { status, body } = await act(id, 'acknowledge');
		expect([status, body.status]).toEqual([200, 'acknowledged']);
	});

	it('wait for all contacts whom a step asks for', async () => {
		const id = await scene.escalate('both');
		const first = await act(id, 'acknowledge', { by: 'ada' });
		expect(first.body).toMatchObject({ status: 'open', waiting_for: ['bob'] });
		const second = await act(id, 'acknowledge', { by: 'bob' });
		expect(second.body).toMatchObject({ status: 'acknowledged', waiting_for: [] });
	});

	it('take their next step at once when they are escalated, also after an acknowledgement', async () => {
		const id = await scene.escalate();
		await act(id, 'acknowledge', { by: 'ada' });
		const { status, body } = await act(id, 'escalate', { by: 'ada', note: 'I cannot' });
		expect([status, body.status, body.step]).toEqual([200, 'open', 2]);
		expect(body.pages.map(({ contact_id }: { contact_id: string }) => contact_id)).toEqual([
			'ada',
			'bob',
		]);
		expect(actions(body)).toContain('unacknowledged');
		expect(body.trail).toContainEqual(
			expect.objectContaining({ action: 'escalated', by: 'ada', note: 'I cannot' }),
		);
	});

	it('can be acknowledged and resolved when nobody is left to page', async () => {
		const policy = { steps: [{ after_s: 0, notify: ['contact:ada'] }], repeat: 0 };
		const ids = [await scene.escalate(policy), await scene.escalate(policy)] as const;
		for (const id of ids) {
			// The last step's time is 1 s at least.
			await scene.until(id, 'exhausted');
		}
		expect((await act(ids[0], 'acknowledge', { by: 'ada' })).body.status).toBe('acknowledged');
		expect((await act(ids[1], 'resolve', { by: 'ada' })).body.status).toBe('resolved');
	});

	it('are recorded once for each of two answers at once', async () => {
		const id = await scene.escalate();
		const [acknowledged, resolved] = await Promise.all([
			act(id, 'acknowledge', { by: 'ada' }),
			act(id, 'resolve', { by: 'bob' }),
		]);
		const { status, trail } = await scene.incident(id);
		expect(status).toBe('resolved');
		expect(resolved.status).toBe(200);
		// Either it came first, or it came too late.
		const isFirst = acknowledged.status === 200;
		expect(isFirst || acknowledged.status === 409).toBe(true);
		expect(actions({ trail }).filter((one) => one === 'acknowledged')).toHaveLength(
			isFirst ? 1 : 0,
		);
		expect(actions({ trail }).filter((one) => one === 'resolved')).toHaveLength(1);

		const twin = await scene.escalate();
		const both = await Promise.all([act(twin, 'resolve', {}), act(twin, 'resolve', {})]);
		expect(both.map((one) => one.status).sort()).toEqual([200, 409]);
	});

	describe('by their key', () => {
		const byKey = (action: string, body: unknown, key: KeyName = 'admin') =>
			scene.call('POST', `/incidents/${action}`, body, key);

		it('are answered among those of the caller', async () => {
			const dedup_key = newKey();
			const other = await scene.escalate('nights', { dedup_key }, 'admin');
			const own = await scene.escalate('nights', { dedup_key }, 'workflow');
			const { status, body } = await byKey('acknowledge', { dedup_key, by: 'ada' }, 'workflow');
			expect(status).toBe(200);
			expect(body).toMatchObject({ matched: 1, incidents: [{ id: own, status: 'acknowledged' }] });
			expect((await scene.incident(other)).status).toBe('open');
		});

		it('are answered among all with the scope admin', async () => {
			const dedup_key = newKey();
			await scene.escalate('nights', { dedup_key }, 'admin');
			await scene.escalate('nights', { dedup_key }, 'workflow');
			const { body } = await byKey('resolve', { dedup_key });
			expect(body).toMatchObject({
				matched: 2,
				incidents: [{ status: 'resolved' }, { status: 'resolved' }],
			});
		});

		it.each(['acknowledge', 'resolve'])(
			'are none for a key that is unknown, or whose incident is over (%s)',
			async (action) => {
				const dedup_key = newKey();
				expect(await byKey(action, { dedup_key })).toMatchObject({
					status: 200,
					body: { matched: 0 },
				});
				const id = await scene.escalate('nights', { dedup_key });
				await act(id, 'resolve', {});
				const { body } = await byKey(action, { dedup_key });
				expect(body).toEqual({ matched: 0 });
			},
		);

		it('cannot be escalated', async () => {
			expect((await byKey('escalate', { dedup_key: 'x' })).status).toBe(405);
		});
	});

	describe('bad input', () => {
		it.each([
			['an unknown field', { who: 'ada' }, 'who'],
			['a name that is no text', { by: 7 }, 'by'],
			['an empty name', { by: ' ' }, 'by'],
			['a name of two lines', { by: 'ada\nbob' }, 'by'],
			['a name that moves the cursor', { by: 'ada\u001b[2J' }, 'by'],
			['a name that turns the text', { by: 'ada\u202eada' }, 'by'],
			['a name that is too long', { by: 'x'.repeat(256) }, 'by'],
			['an empty note', { note: '' }, 'note'],
			['a note with a control character', { note: 'a\u0007b' }, 'note'],
			['a note that is too long', { note: 'x'.repeat(1_001) }, 'note'],
			['a list', [], ''],
		])('is refused and changes nothing: %s', async (_name, body, path) => {
			const id = await scene.escalate();
			const before = await scene.incident(id);
			for (const action of ACTIONS) {
				const answer = await act(id, action, body);
				expect([action, answer.status]).toEqual([action, 422]);
				expect(answer.body.errors[0].path).toBe(path);
			}
			expect(await scene.incident(id)).toEqual(before);
		});

		it('is refused for a key that is missing, empty or too long', async () => {
			for (const dedup_key of [undefined, '', 'x'.repeat(256), 7]) {
				const { status, body } = await scene.call('POST', '/incidents/resolve', { dedup_key });
				expect([status, body.errors[0].path]).toEqual([422, 'dedup_key']);
			}
		});

		it('is a 404 for an incident that there is none of', async () => {
			for (const action of ACTIONS) {
				expect((await act('inc_none', action, {})).status).toBe(404);
			}
		});
	});

	describe('scopes', () => {
		it('are respond to act, and read to list', async () => {
			const id = await scene.escalate();
			const statuses = async (key: KeyName) => [
				(await scene.call('GET', '/incidents', undefined, key)).status,
				(await scene.call('GET', `/incidents/${id}`, undefined, key)).status,
				(await act(id, 'acknowledge', {}, key)).status,
				(await act(id, 'escalate', {}, key)).status,
				(await scene.call('POST', '/incidents/acknowledge', { dedup_key: 'x' }, key)).status,
			];
			expect(await statuses('reader')).toEqual([200, 200, 403, 403, 403]);
			expect(await statuses('caller')).toEqual([403, 403, 403, 403, 403]);
			expect(await statuses('responder')).toEqual([403, 403, 200, 200, 200]);
			expect(await statuses('workflow')).toEqual([200, 200, 200, 200, 200]);
			expect(await statuses('admin')).toEqual([200, 200, 200, 200, 200]);
		});

		it('show a key without read only the state', async () => {
			const dedup_key = newKey();
			const id = await scene.escalate('nights', { dedup_key }, 'workflow');
			const { body } = await act(id, 'acknowledge', {}, 'responder');
			expect(body).toEqual({ id, dedup_key, status: 'acknowledged' });
			const { body: resolved } = await act(id, 'resolve', {}, 'responder');
			expect(resolved).toEqual({ id, dedup_key, status: 'resolved' });
		});
	});
});
