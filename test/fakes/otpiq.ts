import {
	type Answer,
	bearer,
	json,
	objectIn,
	type RecordedRequest,
	type RecordingServer,
	startRecordingServer,
} from './recording-server.ts';

export interface FakeOtpiq extends RecordingServer {
	readonly apiKey: string;
	/** Puts a message into a state, as `GET /sms/track/{smsId}` tells it. */
	track(smsId: string, state: Readonly<Record<string, unknown>>): void;
}

const API_KEY = 'sk_live_0123456789abcdef';

const ROUTES: readonly unknown[] = [
	...['auto', 'sms', 'whatsapp', 'telegram'],
	...['whatsapp-sms', 'telegram-sms', 'whatsapp-telegram-sms'],
];

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string' && value !== '';
const isShort =
	(most: number): Check =>
	(value) =>
		typeof value === 'string' && value !== '' && value.length <= most;
const isObject: Check = (value) =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** The documented fields of `POST /sms` (https://docs.otpiq.com/api-reference/messaging/post). */
const FIELDS: Readonly<Record<string, Check>> = {
	phoneNumber: (value) => typeof value === 'string' && /^[0-9]{10,15}$/.test(value),
	smsType: (value) => typeof value === 'string' && Object.hasOwn(REQUIRED, value),
	provider: (value) => ROUTES.includes(value),
	verificationCode: isShort(20),
	customMessage: isText,
	senderId: isShort(11),
	templateName: isText,
	templateParameters: isObject,
	whatsappAccountId: isText,
	whatsappPhoneId: isText,
	deliveryReport: (value) => isObject(value) && isReport(value),
};

const REQUIRED: Readonly<Record<string, readonly string[]>> = {
	verification: ['verificationCode'],
	custom: ['customMessage', 'senderId'],
	'whatsapp-template': ['templateName', 'whatsappAccountId', 'whatsappPhoneId'],
};

function isReport(value: unknown): boolean {
	const { webhookUrl, deliveryReportType, ...rest } = value as Record<string, unknown>; // an object, see above
	return (
		typeof webhookUrl === 'string' &&
		webhookUrl.startsWith('https://') &&
		(deliveryReportType === 'all' || deliveryReportType === 'final') &&
		Object.keys(rest).every((name) => name === 'webhookSecret' && isText(rest[name]))
	);
}

/** An OTPIQ of its own, which refuses what its documentation would not have. */
export async function startOtpiq(): Promise<FakeOtpiq> {
	const tracks = new Map<string, Readonly<Record<string, unknown>>>();
	let sent = 0;
	const server = await startRecordingServer(
		(request) =>
			reply(request, tracks, () => {
				const smsId = `sms-${String(++sent).padStart(24, '0')}`;
				tracks.set(smsId, { status: 'pending', isFinalStatus: false });
				return smsId;
			}),
		({ status = 200, body, retryAfter }) => ({
			...json(status, { error: `${status}`, waitMinutes: retryAfter && retryAfter / 60 }),
			...(body === undefined ? {} : { body }),
			tellsWait: true,
		}),
	);
	return {
		...server,
		apiKey: API_KEY,
		track: (smsId, state) => void tracks.set(smsId, state),
	};
}

function reply(
	request: RecordedRequest,
	tracks: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
	newId: () => string,
): Answer {
	if (bearer(request) !== API_KEY) return json(401, { message: 'Unauthorized' });
	const call = `${request.method} ${request.path}`;
	// https://docs.otpiq.com/api-reference/endpoint/get
	if (call === 'GET /info') return json(200, { projectName: 'My SMS Project', credit: 15_000 });
	if (call === 'POST /sms') return send(request, newId);
	const [, id] = /^GET \/sms\/track\/([^/?]+)$/.exec(call) ?? [];
	const smsId = decodeURIComponent(id ?? '');
	const state = tracks.get(smsId);
	if (!state) return json(404, { message: 'Not found' });
	// https://docs.otpiq.com/api-reference/messaging/track
	return json(200, {
		smsId,
		phoneNumber: '964750123456',
		cost: 200,
		lastChannel: 'sms',
		channelFlow: [{ channel: 'sms', tried: true, success: true }],
		...state,
	});
}

function send(request: RecordedRequest, newId: () => string): Answer {
	const body = objectIn(request.body);
	if (!body) return json(400, { error: 'The body must be a JSON object' });
	const needed = ['phoneNumber', 'smsType', ...(REQUIRED[String(body.smsType)] ?? [])];
	const wrong = [
		...needed.filter((name) => body[name] === undefined),
		...Object.keys(body).filter((name) => !FIELDS[name]?.(body[name])),
	];
	if (wrong.length > 0) return json(400, { error: `Validation: ${wrong.join(', ')}` });
	return json(200, {
		message: 'SMS task created successfully',
		smsId: newId(),
		remainingCredit: 14_800,
		cost: 200,
		canCover: true,
		paymentType: 'prepaid',
	});
}
