import { isValidSlackRequest } from '@slack/bolt/dist/receivers/verify-request';
import { receiveScene } from '../../support/webhooks/conformance.ts';
import { receivedEvent, receivedEvents, verdictOn } from '../../support/webhooks/received.ts';
import { type Scene, type SceneRequest, SIGNED_AT } from '../../support/webhooks/scene.ts';
import { slack, slackForm } from '../../support/webhooks/slack.ts';

const SIGNATURE = 'x-slack-signature';
const TIMESTAMP = 'x-slack-request-timestamp';

function packageAccepts({ headers, body }: SceneRequest, now = SIGNED_AT): boolean {
	return isValidSlackRequest({
		signingSecret: slack.secret,
		body: body.toString(),
		headers: {
			[SIGNATURE]: headers[SIGNATURE] ?? '',
			[TIMESTAMP]: Number(headers[TIMESTAMP]),
		},
		nowMilliseconds: now * 1000,
	});
}

describe('verifying Slack’s requests', () => {
	it.each([slack, slackForm])('agrees with the package: $title', async (scene: Scene) => {
		const request = await scene.sign();
		expect(packageAccepts(request)).toBe(true);
		expect(await verdictOn(scene, () => ({}))).toBe('accepted');
		expect(packageAccepts(request, SIGNED_AT + 301)).toBe(false);
	});

	it.each<[string, (signature: string) => string, string]>([
		['another version', (v0) => v0.replace('v0', 'v1'), 'malformed_signature'],
		['half a digest', (v0) => v0.slice(0, 35), 'malformed_signature'],
		['another digest', () => `v0=${'a'.repeat(64)}`, 'bad_signature'],
	])('refuses %s, as the package does', async (_what, change, reason) => {
		const changed = (request: SceneRequest): SceneRequest => ({
			...request,
			headers: { ...request.headers, [SIGNATURE]: change(request.headers[SIGNATURE] ?? '') },
		});
		expect(await verdictOn(slack, changed)).toBe(reason);
		expect(packageAccepts(changed(await slack.sign()))).toBe(false);
	});

	it('refuses a request without its timestamp', async () => {
		const without = ({ headers }: SceneRequest) => ({ headers: { ...headers, [TIMESTAMP]: '' } });
		expect(await verdictOn(slack, without)).toBe('missing_header');
	});
});

describe('reading Slack’s requests', () => {
	const callback = (event: object): object => ({
		type: 'event_callback',
		event_id: 'Ev1',
		event_time: 1515449522,
		event,
	});

	it('answers the verification of its URL, and starts nothing', async () => {
		const body = JSON.stringify({
			type: 'url_verification',
			challenge: '3eZbrw1aBm2r',
			token: 'x',
		});
		expect(await receiveScene(slack, await slack.sign({ body }))).toEqual({
			ok: true,
			events: [],
			answer: { contentType: 'text/plain', body: '3eZbrw1aBm2r' },
		});
	});

	it.each(['application/x-www-form-urlencoded', 'text/plain'])(
		'reads JSON as JSON, whatever its text and under the name of %s',
		async (type) => {
			const text = '=&payload={"type":"block_actions","user":{"id":"Uvictim"}}&command=/pay&x=';
			const event = { type: 'message', channel_type: 'im', user: 'U1', ts: '1.2', text };
			const request = await slack.sign({ body: JSON.stringify(callback(event)) });
			const meaning = await receiveScene(slack, request);
			expect(meaning).toMatchObject({
				ok: true,
				events: [{ type: 'notification.received', eventId: 'Ev1', recipient: 'U1' }],
			});
			const headers = { ...request.headers, 'content-type': type };
			expect(await receiveScene(slack, { ...request, headers })).toEqual(meaning);
		},
	);

	it('does not answer a verification that Slack did not sign', async () => {
		const body = JSON.stringify({ type: 'url_verification', challenge: 'x' });
		const forged = await slack.sign({ body, secret: 'guessed' });
		expect(await receiveScene(slack, forged)).toEqual({ ok: false, reason: 'bad_signature' });
	});

	it.each([
		[
			'a direct message',
			{ type: 'message', channel_type: 'im', user: 'U1', ts: '1.2' },
			'notification.received',
		],
		['a mention', { type: 'app_mention', user: 'U1', ts: '1.2' }, 'notification.received'],
		[
			'talk in a channel',
			{ type: 'message', channel_type: 'channel', user: 'U1', ts: '1.2' },
			'unknown',
		],
		[
			'the app’s own message',
			{ type: 'message', channel_type: 'im', user: 'U1', ts: '1.2', bot_id: 'B1' },
			'unknown',
		],
		[
			'an edit',
			{ type: 'message', channel_type: 'im', user: 'U1', ts: '1.2', subtype: 'message_changed' },
			'unknown',
		],
	])('reads %s as %j', async (_what, event, type) => {
		expect(await receivedEvent(slack, callback(event))).toMatchObject({
			eventId: 'Ev1',
			type,
			providerEvent: event.type,
			notificationId: '1.2',
			recipient: 'U1',
			channel: 'slack',
			occurredAt: '2018-01-08T22:12:02.000Z',
		});
	});

	it('names the message that somebody reacted to', async () => {
		const event = await receivedEvent(
			slack,
			callback({
				type: 'reaction_added',
				user: 'U1',
				item: { type: 'message', ts: '1360782400.498405' },
			}),
		);
		expect(event).toMatchObject({
			providerEvent: 'reaction_added',
			notificationId: '1360782400.498405',
		});
	});

	it('reads a notice without an event of its own', async () => {
		const event = await receivedEvent(slack, { type: 'app_rate_limited', team_id: 'T1' });
		expect(event).toMatchObject({ type: 'unknown', providerEvent: 'app_rate_limited' });
		expect(event.eventId).toMatch(/^slack_[0-9a-f]{32}$/);
		expect(event.notificationId).toBe(event.eventId);
	});

	it('reads a click on a button, and tells two apart', async () => {
		const click = (trigger: string): string =>
			`payload=${encodeURIComponent(
				JSON.stringify({
					type: 'block_actions',
					trigger_id: trigger,
					user: { id: 'U1' },
					container: { type: 'message', message_ts: '1548261231.000200' },
					actions: [{ action_id: 'ack', value: 'yes & no' }],
				}),
			)}`;
		const event = await receivedEvent(slackForm, click('12.98'));
		expect(event).toMatchObject({
			type: 'unknown',
			providerEvent: 'block_actions',
			notificationId: '1548261231.000200',
			recipient: 'U1',
			raw: { actions: [{ value: 'yes & no' }] },
		});
		expect((await receivedEvent(slackForm, click('12.99'))).eventId).not.toBe(event.eventId);
		expect((await receivedEvent(slackForm, click('12.98'))).eventId).toBe(event.eventId);
	});

	it('takes the check of a certificate for nothing that happened', async () => {
		expect(await receivedEvents(slackForm, 'ssl_check=1&token=x')).toEqual([]);
	});

	it.each([
		[slack, '{}'],
		[slack, '[]'],
		[slack, 'payload=%7B%7D'],
		[slackForm, ''],
		[slackForm, 'a=1'],
		[slackForm, 'payload=%7B%7D'],
		[slackForm, 'payload=none'],
		[slackForm, 'payload=1&payload=2'],
	])('cannot read a body, and passes it on: $title %s', async (scene: Scene, body) => {
		const [event, ...others] = await receivedEvents(scene, body);
		expect(event).toMatchObject({ type: 'unknown', unreadable: true });
		expect(others).toEqual([]);
	});
});
