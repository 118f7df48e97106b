import { randomUUID } from 'node:crypto';
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

export interface ResendMail {
	readonly id: string;
	readonly from: string;
	readonly to: readonly string[];
	readonly subject: string;
	readonly text?: unknown;
	readonly html?: unknown;
	readonly idempotencyKey?: string;
}

export interface FakeResend extends RecordingServer {
	readonly apiKey: string;
	/** May send and do nothing else. */
	readonly sendingOnlyKey: string;
	/** Sent mails, oldest first. */
	readonly mails: readonly ResendMail[];
}

const API_KEY = 're_test_key';
const SENDING_ONLY_KEY = 're_test_sending_only';
const MOST_MAILS = 5_000;

/** resend.com/docs/api-reference/errors: each name's status and sentence. */
const ERRORS = {
	invalid_idempotency_key: [400, 'The key must be between 1-256 chars.'],
	missing_api_key: [401, 'Missing API key in the authorization header.'],
	restricted_api_key: [401, 'This API key is restricted to only send emails.'],
	invalid_api_key: [403, 'API key is invalid.'],
	not_found: [404, 'The requested endpoint does not exist.'],
	method_not_allowed: [405, 'Method is not allowed for the requested path.'],
	invalid_idempotent_request: [409, 'Same idempotency key used with a different request payload.'],
	invalid_from_address: [422, 'Invalid from field.'],
	missing_required_field: [422, 'The request body is missing one or more required fields.'],
	rate_limit_exceeded: [429, 'Too many requests.'],
	security_error: [451, 'We may have found a security issue with the request.'],
	application_error: [500, 'An unexpected error occurred.'],
} as const satisfies Record<string, readonly [number, string]>;

type ErrorName = keyof typeof ERRORS;

function refuse(name: ErrorName, message: string = ERRORS[name][1]): Answer {
	const [statusCode] = ERRORS[name];
	return json(statusCode, { statusCode, name, message });
}

/** A Resend of its own: `POST /emails` with idempotency keys, `GET /domains`. */
export async function startResend(): Promise<FakeResend> {
	const mails: ResendMail[] = [];
	/** Ids and bodies by idempotency key (resend.com/docs/dashboard/emails/idempotency-keys). */
	const known = new Map<string, { readonly id: string; readonly body: string }>();

	const send = (request: RecordedRequest): Answer => {
		const header = request.headers['idempotency-key'];
		const idempotencyKey = typeof header === 'string' ? header : undefined;
		if (idempotencyKey !== undefined && !/^.{1,256}$/.test(idempotencyKey)) {
			return refuse('invalid_idempotency_key');
		}
		const mail = readMail(request.body);
		if ('status' in mail) return mail;
		const before = idempotencyKey === undefined ? undefined : known.get(idempotencyKey);
		if (before) {
			const isRepeat = before.body === request.body;
			return isRepeat ? json(200, { id: before.id }) : refuse('invalid_idempotent_request');
		}
		const id = randomUUID();
		mails.push({ id, ...mail, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) });
		if (mails.length > MOST_MAILS) mails.shift();
		if (idempotencyKey !== undefined) known.set(idempotencyKey, { id, body: request.body });
		if (known.size > MOST_MAILS) known.clear();
		return json(200, { id });
	};

	const server = await startRecordingServer((request) => {
		const key = bearer(request);
		if (key === undefined) return refuse('missing_api_key');
		if (key !== API_KEY && key !== SENDING_ONLY_KEY) return refuse('invalid_api_key');
		const [path] = request.path.split('?');
		if (path === '/emails') {
			return request.method === 'POST' ? send(request) : refuse('method_not_allowed');
		}
		if (key === SENDING_ONLY_KEY) return refuse('restricted_api_key');
		if (path === '/domains' && request.method === 'GET') return json(200, DOMAINS);
		return refuse('not_found');
	}, fill);
	return { ...server, apiKey: API_KEY, sendingOnlyKey: SENDING_ONLY_KEY, mails };
}

/** resend.com/docs/api-reference/domains/list-domains. */
const DOMAINS = {
	object: 'list',
	has_more: false,
	data: [
		{
			id: '00000000-0000-4000-8000-000000000001',
			name: 'example.com',
			status: 'verified',
			created_at: '2026-01-01T00:00:00.000Z',
			region: 'us-east-1',
		},
	],
};

const ADDRESS = /^[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+$/;

function isAddress(value: unknown): value is string {
	if (typeof value !== 'string') return false;
	return ADDRESS.test(/^[^<>]*<([^<>]+)>$/.exec(value)?.[1] ?? value);
}

/** resend.com/docs/api-reference/emails/send-email: from, to (one or up to 50), subject, and html or text. */
function readMail(
	body: string,
): Pick<ResendMail, 'from' | 'to' | 'subject' | 'text' | 'html'> | Answer {
	const { from, to, subject, text, html } = objectIn(body) ?? {};
	const fields = { from, to, subject, 'html` or `text': html ?? text };
	const missing = Object.entries(fields).find(([, value]) => value === undefined || value === '');
	if (missing) return refuse('missing_required_field', `Missing \`${missing[0]}\` field.`);
	if (!isAddress(from)) return refuse('invalid_from_address');
	const recipients: unknown[] = Array.isArray(to) ? to : [to];
	if (recipients.length > 50 || !recipients.every(isAddress)) {
		// The errors page gives `validation_error` as 400; for an address the API itself answers 422.
		const message =
			'Invalid `to` field. The email address needs to follow the `email@example.com` or `Name <email@example.com>` format.';
		return json(422, { statusCode: 422, name: 'validation_error', message });
	}
	return { from, to: recipients, subject: String(subject), text, html };
}

function fill({ status = 200, body }: ScriptedAnswer): Answer {
	if (body !== undefined) {
		return { status, headers: { 'content-type': 'application/json' }, body };
	}
	if (status === 200) return json(200, { id: randomUUID() });
	const name = (Object.keys(ERRORS) as ErrorName[]).find((one) => ERRORS[one][0] === status); // keys of a constant
	return json(status, {
		statusCode: status,
		name: name ?? 'application_error',
		message: name ? ERRORS[name][1] : 'An unexpected error occurred.',
	});
}
