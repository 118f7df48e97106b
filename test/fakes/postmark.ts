import { randomUUID } from 'node:crypto';
import {
	type Answer,
	json,
	objectIn,
	type RecordedRequest,
	type RecordingServer,
	type ScriptedAnswer,
	startRecordingServer,
} from './recording-server.ts';

export interface FakePostmark extends RecordingServer {
	readonly serverToken: string;
	/** Bounced before, so that Postmark does not mail to it any more. */
	readonly inactiveAddress: string;
	/** Accepted mails, oldest first. */
	readonly mails: readonly Readonly<Record<string, unknown>>[];
}

const SERVER_TOKEN = '11111111-2222-4333-8444-555555555555';
const INACTIVE = 'bounced@example.com';
const STREAMS: ReadonlySet<unknown> = new Set(['outbound', 'alerts', 'broadcast']);

/** postmarkapp.com/developer/api/overview#error-codes: each with its status. */
function refuse(status: number, code: number, message: string): Answer {
	const answer = json(status, { ErrorCode: code, Message: message });
	return { ...answer, headers: { ...answer.headers, 'x-pm-apierrorcode': String(code) } };
}

/** A Postmark of its own: `POST /email` and `GET /server`. */
export async function startPostmark(): Promise<FakePostmark> {
	const mails: Record<string, unknown>[] = [];
	const call = (request: RecordedRequest): Answer => {
		if (request.headers['x-postmark-server-token'] !== SERVER_TOKEN) {
			const sentence = 'Request does not contain a valid Server token.';
			return refuse(401, 10, sentence);
		}
		if (request.path === '/server' && request.method === 'GET') {
			return json(200, { ID: 1, Name: 'Staging Testing', ApiTokens: [SERVER_TOKEN], Color: 'red' });
		}
		if (request.path !== '/email') return refuse(404, 12, 'Not found.');
		if (request.method !== 'POST') return json(405, {});
		return send(request, mails);
	};
	const server = await startRecordingServer(call, fill);
	return { ...server, serverToken: SERVER_TOKEN, inactiveAddress: INACTIVE, mails };
}

/** The domain and mailbox patterns of postmarkapp.com/support/article/1180-what-does-errorcode-300-mean. */
const ADDRESS = /^[a-z0-9.!#$%&'`*+\-/=^_{}|~]+@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+$/i;

/** postmarkapp.com/developer/api/email-api: From, To and a body are needed; limits from the support articles on sizes. */
function send(request: RecordedRequest, mails: Record<string, unknown>[]): Answer {
	const isJson = (header: string | undefined): boolean => /^application\/json\b/.test(header ?? '');
	if (!isJson(request.headers['content-type']) || !isJson(request.headers.accept)) {
		return { status: 415, body: '' };
	}
	const body = objectIn(request.body);
	if (!body) return refuse(422, 402, 'Invalid JSON.');
	const { From, To, Subject = '', TextBody, HtmlBody, MessageStream = 'outbound' } = body;
	const unknown = Object.keys(body).filter((name) => !FIELDS.has(name));
	if (unknown.length > 0) return refuse(422, 403, `Invalid request field(s): '${unknown[0]}'.`);
	const sender = /<([^<>]+)>$/.exec(String(From))?.[1] ?? String(From);
	if (!ADDRESS.test(sender) || String(From).length > 255) {
		return refuse(422, 300, `Invalid 'From' address: '${String(From)}'.`);
	}
	if (!ADDRESS.test(String(To))) {
		return refuse(422, 300, `Error parsing 'To': Illegal email address '${String(To)}'.`);
	}
	if (String(Subject).length > 2000) return refuse(422, 300, "'Subject' is too long.");
	const text = TextBody ?? HtmlBody;
	if (typeof text !== 'string' || text === '') {
		return refuse(422, 300, 'Provide either email TextBody or HtmlBody or both.');
	}
	if (Buffer.byteLength(text) > 5 * 1024 * 1024) return refuse(422, 300, "'TextBody' is too long.");
	if (!STREAMS.has(MessageStream)) {
		const sentence = `The stream provided: '${String(MessageStream)}' does not exist on this server.`;
		return refuse(422, 1235, sentence);
	}
	if (To === INACTIVE) {
		const sentence = `You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: ${INACTIVE}.`;
		return refuse(422, 406, sentence);
	}
	mails.push({ ...body });
	return json(200, {
		To,
		SubmittedAt: '2026-01-15T10:30:00Z',
		MessageID: randomUUID(),
		ErrorCode: 0,
		Message: 'OK',
	});
}

const FIELDS: ReadonlySet<string> = new Set([
	'From',
	'To',
	'Cc',
	'Bcc',
	'Subject',
	'Tag',
	'HtmlBody',
	'TextBody',
	'ReplyTo',
	'Headers',
	'TrackOpens',
	'TrackLinks',
	'Metadata',
	'Attachments',
	'MessageStream',
]);

/** …/api/overview: a 429 without any documented header; `retryAfter` of a test is still sent as one. */
function fill({ status = 200, body }: ScriptedAnswer): Answer {
	if (body !== undefined) return { status, headers: { 'content-type': 'application/json' }, body };
	if (status === 200) return json(200, { ErrorCode: 0, Message: 'OK', MessageID: randomUUID() });
	if (status === 503) return refuse(503, 100, 'The Postmark API is offline for maintenance.');
	if (status === 500)
		return refuse(500, 101, "You encountered an error that shouldn't have occurred.");
	return { status, body: '' };
}
