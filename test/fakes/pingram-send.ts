import {
	type Answer,
	bearer,
	json,
	type RecordedRequest,
	type RecordingServer,
	startRecordingServer,
} from './recording-server.ts';
import { accepted, wrongFields } from './user-notifications.ts';

type Row = Readonly<Record<string, unknown>>;

export interface FakePingram extends RecordingServer {
	readonly apiKey: string;
	/** Rows about a tracking ID, as `GET /logs/{trackingIds}` lists them. */
	readonly rows: Row[];
	/** Messages, newest first, as `GET /logs` lists them. */
	readonly messages: Row[];
}

const API_KEY = 'pingram_sk_0123456789';
const DEFAULT_PAGE = 50;

/** Sending and logs of Pingram, as its SDK has them (npm pingram 1.0.14: `DefaultApi`, `LogsApi`, `AccountApi`). */
export async function startPingram(): Promise<FakePingram> {
	const rows: Row[] = [];
	const messages: Row[] = [];
	let sent = 0;
	const server = await startRecordingServer(
		(request) => reply(request, { rows, messages }, () => `trk-${++sent}`),
		({ status = 200, body }) => ({
			...refusal(status, `E_${status}`, `Answer ${status}`),
			...(body === undefined ? {} : { body }),
		}),
	);
	return { ...server, apiKey: API_KEY, rows, messages };
}

function reply(
	request: RecordedRequest,
	{ rows, messages }: { rows: readonly Row[]; messages: readonly Row[] },
	newId: () => string,
): Answer {
	if (bearer(request) !== API_KEY) return refusal(401, 'UNAUTHORIZED', 'Unknown API key');
	const { pathname, searchParams } = new URL(request.path, 'http://pingram.test');
	const call = `${request.method} ${pathname}`;
	switch (call) {
		case 'POST /send': {
			const wrong = wrongFields(request);
			return wrong.length > 0
				? refusal(400, 'INVALID', `Invalid: ${wrong.join(', ')}`, 'Send what is documented')
				: accepted(newId());
		}
		case 'GET /account':
			return json(200, {
				accountId: 'acc_1',
				organizationId: 'org_1',
				name: 'Shop',
				createdAt: '2026-01-01T00:00:00.000Z',
			});
		case 'GET /logs': {
			const start = Number(searchParams.get('cursor') ?? 0);
			const end = start + Number(searchParams.get('limit') ?? DEFAULT_PAGE);
			const more = end < messages.length ? { nextCursor: String(end) } : {};
			return json(200, { messages: messages.slice(start, end), ...more });
		}
	}
	const [, ids] = /^GET \/logs\/([^/]+)$/.exec(call) ?? [];
	if (ids === undefined) return refusal(404, 'NOT_FOUND', 'No such path');
	const wanted = decodeURIComponent(ids).split(',');
	if (wanted.length > 25) return refusal(400, 'TOO_MANY', 'At most 25 IDs');
	return json(200, { logs: rows.filter(({ trackingId }) => wanted.includes(String(trackingId))) });
}

function refusal(status: number, code: string, message: string, fix?: string): Answer {
	return json(status, { trackingId: 'trk-refused', error: { code, message, ...(fix && { fix }) } });
}
