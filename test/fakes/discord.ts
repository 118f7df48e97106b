import {
	type Answer,
	json,
	objectIn,
	type RecordedRequest,
	type RecordingServer,
	type ScriptedAnswer,
	startRecordingServer,
} from './recording-server.ts';

export interface DiscordMessage {
	readonly content: string;
	/** True if it called everyone. */
	readonly pings: boolean;
	readonly threadId?: string;
}

export interface FakeDiscord extends RecordingServer {
	readonly webhookUrl: string;
	/** Of a forum channel: messages need a thread. */
	readonly forumWebhookUrl: string;
	/** Posted messages, oldest first. */
	readonly messages: readonly DiscordMessage[];
}

const TOKENS: Readonly<Record<string, string>> = {
	'223704706495545344': 'Fake-webhook-token_0123456789',
	'223704706495545345': 'Fake-forum-webhook-token_01234',
};
const FORUM = '223704706495545345';

/** docs.discord.com/developers/topics/opcodes-and-status-codes. */
const ERRORS = {
	10015: [404, 'Unknown Webhook'],
	50006: [400, 'Cannot send an empty message'],
	50027: [401, 'Invalid Webhook Token'],
	50035: [400, 'Invalid Form Body'],
	50109: [400, 'The request body contains invalid JSON.'],
	220001: [400, 'Webhooks posted to forum channels must have a thread_name or thread_id'],
	220003: [400, 'Webhooks can only create threads in forum channels'],
} as const satisfies Record<number, readonly [number, string]>;

function refuse(code: keyof typeof ERRORS): Answer {
	const [status, message] = ERRORS[code];
	return json(status, { message, code });
}

/** A Discord of its own: webhooks, executed and got with their token (docs.discord.com/developers/resources/webhook). */
export async function startDiscord(): Promise<FakeDiscord> {
	const messages: DiscordMessage[] = [];
	const server = await startRecordingServer((request) => webhook(request, messages), fill);
	const urlOf = (id: string): string => `${server.url}/api/webhooks/${id}/${TOKENS[id]}`;
	return {
		...server,
		webhookUrl: urlOf('223704706495545344'),
		forumWebhookUrl: urlOf(FORUM),
		messages,
	};
}

function webhook(request: RecordedRequest, messages: DiscordMessage[]): Answer {
	const { pathname, searchParams } = new URL(request.path, 'http://localhost');
	const [, id = '', token] = /^\/api\/(?:v10\/)?webhooks\/(\d+)\/([\w-]+)$/.exec(pathname) ?? [];
	if (!token) return json(404, { message: '404: Not Found', code: 0 });
	// "Clients using the HTTP API must provide a valid User Agent" (docs.discord.com/developers/reference#user-agent).
	if (!/^DiscordBot \(https?:\/\/\S+, [\d.]+\)/.test(request.headers['user-agent'] ?? '')) {
		return { status: 403, body: 'error code: 1010' };
	}
	if (!Object.hasOwn(TOKENS, id)) return refuse(10015);
	if (TOKENS[id] !== token) return refuse(50027);
	if (request.method === 'GET') {
		return json(200, { id, type: 1, name: 'Ops alerts', channel_id: '199737254929760256', token });
	}
	if (request.method !== 'POST') return json(405, { message: '405: Method Not Allowed', code: 0 });
	return execute(request, searchParams, id === FORUM, messages);
}

function execute(
	request: RecordedRequest,
	query: URLSearchParams,
	isForum: boolean,
	messages: DiscordMessage[],
): Answer {
	if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) return refuse(50035);
	const body = objectIn(request.body);
	if (!body) return refuse(50109);
	const { content, allowed_mentions, thread_name } = body;
	if (content === undefined || content === '') return refuse(50006);
	if (typeof content !== 'string' || [...content].length > 2000) return refuse(50035);
	const threadId = query.get('thread_id') ?? undefined;
	if (isForum && threadId === undefined && thread_name === undefined) return refuse(220001);
	if (!isForum && thread_name !== undefined) return refuse(220003);
	// Without `allowed_mentions` every mention counts (docs.discord.com/developers/resources/message#allowed-mentions-object).
	const { parse } = { parse: ['everyone'], ...Object(allowed_mentions) };
	if (!Array.isArray(parse)) return refuse(50035);
	const pings = /@(everyone|here)/.test(content) && parse.includes('everyone');
	messages.push({ content, pings, ...(threadId === undefined ? {} : { threadId }) });
	return query.get('wait') === 'true'
		? json(200, { id: String(messages.length), type: 0, content, mention_everyone: pings })
		: { status: 204, body: '' };
}

/** docs.discord.com/developers/topics/rate-limits: a 429 tells the wait in a header and in the body. */
function fill({ status = 200, body, retryAfter }: ScriptedAnswer): Answer {
	if (body !== undefined) {
		return { status, headers: { 'content-type': 'application/json' }, body };
	}
	if (status === 200) return json(200, { id: '1', type: 0 });
	if (status !== 429) return json(status, { message: `${status}: Error`, code: 0 });
	const seconds = retryAfter ?? 1;
	const message = 'You are being rate limited.';
	const answer = json(429, { message, retry_after: seconds - 0.43, global: false });
	return {
		...answer,
		headers: {
			...answer.headers,
			'retry-after': String(seconds),
			'x-ratelimit-limit': '5',
			'x-ratelimit-remaining': '0',
			'x-ratelimit-reset-after': String(seconds - 0.43),
			'x-ratelimit-scope': 'user',
		},
	};
}
