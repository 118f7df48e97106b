import { createHmac } from 'node:crypto';
import { type Scene, SCENE_URL, type SceneRequest, SIGNED_AT, type Signing } from './scene.ts';

const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';

/** Slack's package verifies and does not sign: signed as its documentation describes it. */
function sign(
	contentType: string,
	{ body = '', secret = SECRET, at = SIGNED_AT, url = SCENE_URL }: Signing,
): SceneRequest {
	const bytes = Buffer.from(body);
	const digest = createHmac('sha256', secret).update(`v0:${at}:`).update(bytes).digest('hex');
	return {
		method: 'POST',
		url,
		headers: {
			'content-type': contentType,
			'x-slack-request-timestamp': String(at),
			'x-slack-signature': `v0=${digest}`,
		},
		body: bytes,
	};
}

const EVENT = JSON.stringify({
	token: 'XXYYZZ',
	team_id: 'T123ABC456',
	api_app_id: 'A123ABC456',
	event: { type: 'name_of_event', event_ts: '1234567890.123456', user: 'UXXXXXXX1' },
	type: 'event_callback',
	event_id: 'Ev123ABC456',
	event_time: 1234567890,
});

export const slack: Scene = {
	provider: 'slack',
	title: 'Slack',
	secret: SECRET,
	otherSecret: '00000000000000000000000000000000',
	body: EVENT,
	signatureHeader: 'x-slack-signature',
	covers: { body: true, timestamp: true },
	sign: (signing = {}) => sign('application/json', { body: EVENT, ...signing }),
};

/** The example of "Verifying requests from Slack", shortened. */
const COMMAND =
	'team_id=T1DC2JH3J&channel_id=G8PSS9T3V&user_id=U2CERLKJA&command=%2Fwebhook-collect&text=&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';

export const slackForm: Scene = {
	...slack,
	title: 'Slack, interactivity and slash commands',
	body: COMMAND,
	sign: (signing = {}) => sign('application/x-www-form-urlencoded', { body: COMMAND, ...signing }),
};
