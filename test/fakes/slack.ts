import {
	type Answer,
	bearer,
	json,
	objectIn,
	type RecordedRequest,
	type RecordingServer,
	type ScriptedAnswer,
	startRecordingServer,
} from './recording-server.ts';

export interface FakeSlack extends RecordingServer {
	readonly webhookUrl: string;
	readonly botToken: string;
}

const WEBHOOK_PATH = '/services/T0FAKE/B0FAKE/webhook-path-secret';
const BOT_TOKEN = 'xoxb-fake-bot-token';

/** Conversations that chat.postMessage finds. */
const CHANNELS: ReadonlySet<unknown> = new Set(['#ops', '#general', 'C0123456789', 'U0123456789']);

/** A Slack of its own: incoming webhooks, `chat.postMessage` and `auth.test`. */
export async function startSlack(): Promise<FakeSlack> {
	let posted = 0;
	const server = await startRecordingServer((request) => {
		if (!request.path.startsWith('/api/')) return incomingWebhook(request);
		return webApi(request, () => `1700000000.${String(++posted).padStart(6, '0')}`);
	}, fill);
	return { ...server, webhookUrl: server.url + WEBHOOK_PATH, botToken: BOT_TOKEN };
}

const text = (status: number, body: string): Answer => ({
	status,
	headers: { 'content-type': 'text/html' },
	body,
});

/**
 * docs.slack.dev/messaging/sending-messages-using-incoming-webhooks ("Handling errors"): 200 and the text `ok`, or a
 * 4xx whose text is the error; the statuses are those of docs.slack.dev/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks.
 */
function incomingWebhook(request: RecordedRequest): Answer {
	if (!/^\/services\/T\w+\/B\w+\/[\w-]+$/.test(request.path)) return text(404, 'no_service');
	const payload = objectIn(request.body);
	const isJson = /^application\/json\b/.test(request.headers['content-type'] ?? '');
	if (request.method !== 'POST' || !isJson || !payload) return text(400, 'invalid_payload');
	return saysSomething(payload) ? text(200, 'ok') : text(400, 'no_text');
}

function saysSomething({ text: words, blocks, attachments }: Record<string, unknown>): boolean {
	return (typeof words === 'string' && words !== '') || !!blocks || !!attachments;
}

/**
 * docs.slack.dev/apis/web-api: every answer that is not about rates is 200, and `ok` says whether it worked.
 * Errors: docs.slack.dev/reference/methods/chat.postMessage and …/auth.test.
 */
function webApi(request: RecordedRequest, newTs: () => string): Answer {
	const refuse = (error: string): Answer => json(200, { ok: false, error });
	const token = bearer(request);
	if (token === undefined) return refuse('not_authed');
	if (token !== BOT_TOKEN) return refuse('invalid_auth');
	if (request.path === '/api/auth.test') {
		return json(200, {
			ok: true,
			url: 'https://fake.slack.com/',
			team: 'Fake',
			user: 'sureping',
			team_id: 'T0FAKE',
			user_id: 'U0FAKE',
			bot_id: 'B0FAKE',
		});
	}
	if (request.path !== '/api/chat.postMessage') return refuse('unknown_method');
	const payload = objectIn(request.body);
	if (!payload) return refuse('invalid_json');
	if (!CHANNELS.has(payload.channel)) return refuse('channel_not_found');
	if (!saysSomething(payload)) return refuse('no_text');
	const ts = newTs();
	const message = {
		type: 'message',
		subtype: 'bot_message',
		text: payload.text,
		ts,
		bot_id: 'B0FAKE',
	};
	return json(200, { ok: true, channel: 'C0123456789', ts, message });
}

/** The word that Slack gives with a status (same changelog). Of a webhook's 429 only status and header are documented. */
const WEBHOOK_WORDS: Readonly<Record<number, string>> = {
	200: 'ok',
	400: 'invalid_payload',
	403: 'action_prohibited',
	404: 'no_service',
	410: 'channel_is_archived',
	429: 'rate_limited',
	500: 'rollup_error',
};

function fill({ status = 200, body }: ScriptedAnswer, { path }: RecordedRequest): Answer {
	if (body !== undefined) return text(status, body);
	if (!path.startsWith('/api/')) return text(status, WEBHOOK_WORDS[status] ?? '');
	// docs.slack.dev/apis/web-api/rate-limits: 429 with Retry-After, in seconds.
	if (status === 429) return json(429, { ok: false, error: 'ratelimited' });
	return json(status, {
		ok: status === 200,
		...(status === 200 ? {} : { error: 'internal_error' }),
	});
}
