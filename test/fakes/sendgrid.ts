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

export interface FakeSendgrid extends RecordingServer {
	readonly apiKey: string;
	/** Has scopes, but not "mail.send". */
	readonly readingKey: string;
	/** Accepted mails, oldest first. */
	readonly mails: readonly Readonly<Record<string, unknown>>[];
}

const API_KEY = 'SG.fake_key_id.fake_key_secret';
const READING_KEY = 'SG.fake_reading_id.fake_reading_secret';

/** `from` has to be of a verified sender. */
const VERIFIED_DOMAIN = '@example.com';

/** twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/errors: a sentence and a field, no word. */
function refuse(status: number, message: string, field: string | null = null): Answer {
	return json(status, { errors: [{ message, field, help: null }] });
}

/** A SendGrid of its own: `POST /v3/mail/send` and `GET /v3/scopes`. */
export async function startSendgrid(): Promise<FakeSendgrid> {
	const mails: Record<string, unknown>[] = [];
	const call = (request: RecordedRequest): Answer => {
		const key = bearer(request);
		if (key !== API_KEY && key !== READING_KEY) {
			return refuse(401, 'The provided authorization grant is invalid, expired, or revoked');
		}
		if (request.path === '/v3/scopes' && request.method === 'GET') {
			const scopes = ['2fa_required', 'sender_verification_eligible'];
			return json(200, { scopes: key === API_KEY ? ['mail.send', ...scopes] : scopes });
		}
		if (request.path !== '/v3/mail/send') return refuse(404, 'not found');
		if (request.method !== 'POST') return refuse(405, 'method not allowed');
		if (key !== API_KEY) return refuse(403, 'access forbidden');
		return send(request, mails);
	};
	const server = await startRecordingServer(call, fill);
	return { ...server, apiKey: API_KEY, readingKey: READING_KEY, mails };
}

const ADDRESS = /^[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+$/;

/** The rules of …/api-reference/mail-send/errors that one plain mail can break. */
function send(request: RecordedRequest, mails: Record<string, unknown>[]): Answer {
	if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
		return refuse(415, 'Content-Type should be application/json.');
	}
	const body = objectIn(request.body);
	if (!body) return refuse(400, 'Bad Request');
	const { personalizations, from, subject, content } = body;
	const [personalization]: unknown[] = Array.isArray(personalizations) ? personalizations : [];
	if (!personalization) {
		return refuse(400, 'You must have at least one personalization.', 'personalizations');
	}
	const { to } = { to: undefined, ...Object(personalization) };
	const recipients: unknown[] = Array.isArray(to) ? to : [];
	if (recipients.length === 0) {
		const sentence =
			'The to array is required for all personalization objects, and must have at least one email object';
		return refuse(400, sentence, 'personalizations.0.to');
	}
	const bad = recipients.findIndex((one) => !ADDRESS.test(String(Object(one).email)));
	if (bad !== -1) {
		return refuse(400, 'Does not contain a valid address.', `personalizations.0.to.${bad}.email`);
	}
	const sender = String(Object(from).email);
	if (!ADDRESS.test(sender)) {
		return refuse(400, 'The from object must be provided for every email send.', 'from');
	}
	if (typeof subject !== 'string' || subject === '') {
		return refuse(400, 'The subject is required.', 'subject');
	}
	const [part]: unknown[] = Array.isArray(content) ? content : [];
	const { type, value } = { type: '', value: '', ...Object(part) };
	if (!/^text\/(plain|html)$/.test(type) || typeof value !== 'string' || value === '') {
		return refuse(
			400,
			'Unless a valid template_id is provided, the content parameter is required.',
			'content',
		);
	}
	if (!sender.endsWith(VERIFIED_DOMAIN)) {
		return refuse(403, 'The from address does not match a verified Sender Identity.', 'from');
	}
	mails.push({ ...body });
	return { status: 202, headers: { 'x-message-id': `fake-${mails.length}` }, body: '' };
}

/** …/how-to-use-the-sendgrid-v3-api/rate-limits: the time of the reset in unix seconds, and no Retry-After. */
function fill({ status = 202, body, retryAfter }: ScriptedAnswer): Answer {
	if (body !== undefined) return { status, body };
	if (status === 202) return { status, body: '' };
	if (status !== 429) return refuse(status, 'internal server error');
	const reset = Math.ceil(Date.now() / 1000) + (retryAfter ?? 1);
	const answer = refuse(429, 'too many requests');
	return {
		...answer,
		tellsWait: true,
		headers: {
			...answer.headers,
			'x-ratelimit-limit': '600',
			'x-ratelimit-remaining': '0',
			'x-ratelimit-reset': String(reset),
		},
	};
}
