import {
	type Answer,
	bearer,
	json,
	objectIn,
	type RecordedRequest,
	type RecordingServer,
	startRecordingServer,
} from './recording-server.ts';

export interface FakeOnePing extends RecordingServer {
	readonly apiKey: string;
}

const API_KEY = 'op_live_test_key';

const CHANNELS: readonly unknown[] = ['telegram', 'email', 'slack', 'discord', 'whatsapp', 'sms'];

/** The documented fields of `POST /send`, each with what it may hold (one-ping.com/features/api). */
const FIELDS: Readonly<Record<string, (value: unknown) => boolean>> = {
	message: isText,
	channels: isChannels,
	recipient: isText,
	subject: isText,
	metadata: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
	callback_url: (value) => isText(value) && value.startsWith('https://'),
	retry: (value) => typeof value === 'boolean',
	fallback_channels: isChannels,
};
const REQUIRED = ['message', 'channels', 'recipient'];

/**
 * A One-Ping of its own: `POST /send` with a bearer key, refusing what its documentation would not have. What it answers
 * is made up where the documentation says nothing: the body of an acceptance, and the form of an error.
 */
export async function startOnePing(): Promise<FakeOnePing> {
	let sent = 0;
	const server = await startRecordingServer(
		(request) => send(request, () => `msg_${String(++sent).padStart(10, '0')}`),
		({ status = 200, body }) =>
			body === undefined
				? json(status, status < 300 ? { notification_id: 'msg_scripted' } : { error: `${status}` })
				: { status, headers: { 'content-type': 'application/json' }, body },
	);
	return { ...server, apiKey: API_KEY };
}

function send(request: RecordedRequest, newId: () => string): Answer {
	if (bearer(request) !== API_KEY) return json(401, { error: 'Invalid API key' });
	if (request.method !== 'POST' || request.path !== '/send') {
		return json(404, { error: 'Not found' });
	}
	const body = objectIn(request.body);
	if (!body) return json(400, { error: 'The body must be a JSON object' });
	const missing = REQUIRED.filter((name) => body[name] === undefined);
	if (missing.length > 0) return json(400, { error: `Missing: ${missing.join(', ')}` });
	const wrong = Object.keys(body).filter((name) => !FIELDS[name]?.(body[name]));
	if (wrong.length > 0) return json(400, { error: `Invalid: ${wrong.join(', ')}` });
	return json(202, { notification_id: newId(), status: 'queued' });
}

function isText(value: unknown): value is string {
	return typeof value === 'string' && value !== '';
}

function isChannels(value: unknown): boolean {
	return Array.isArray(value) && value.length > 0 && value.every((one) => CHANNELS.includes(one));
}
