import { randomBytes } from 'node:crypto';
import {
	type Answer,
	json,
	type RecordedRequest,
	type RecordingServer,
	type ScriptedAnswer,
	startRecordingServer,
} from './recording-server.ts';

export interface TwilioMessage {
	readonly sid: string;
	readonly to: string;
	readonly from: string;
	readonly body: string;
	readonly statusCallback?: string;
}

export interface FakeTwilio extends RecordingServer {
	readonly accountSid: string;
	readonly authToken: string;
	/** Accepted messages, oldest first. */
	readonly messages: readonly TwilioMessage[];
}

const ACCOUNT_SID = `AC${'0123456789abcdef'.repeat(2)}`;
const AUTH_TOKEN = 'test_auth_token_of_twilio';
const MOST_MESSAGES = 5_000;

/** twilio.com/docs/api/errors: the sentences of errors, and twilio.com/docs/iam/test-credentials: the numbers that give them. */
const ERRORS: Readonly<Record<number, readonly [status: number, message: string]>> = {
	20003: [401, 'Authenticate'],
	20404: [404, 'The requested resource was not found'],
	20429: [429, 'Too Many Requests'],
	20500: [500, 'An internal server error has occurred'],
	21211: [400, "The 'To' number is not a valid phone number."],
	21602: [400, 'Message body is required.'],
	21603: [400, "A 'From' phone number is required."],
	21610: [400, 'Attempt to send to unsubscribed recipient'],
	21614: [400, "'To' number is not a valid mobile number"],
};

const NUMBERS: Readonly<Record<string, number>> = {
	'+15005550001': 21211,
	'+15005550004': 21610,
	'+15005550009': 21614,
};

function refuse(code: number): Answer {
	const [status, message] = ERRORS[code] ?? [400, 'Bad Request'];
	return json(status, {
		code,
		message,
		more_info: `https://www.twilio.com/docs/errors/${code}`,
		status,
	});
}

/** A Twilio of its own: creating a message, and its account (twilio.com/docs/messaging/api/message-resource). */
export async function startTwilio(): Promise<FakeTwilio> {
	const messages: TwilioMessage[] = [];
	const account = `/2010-04-01/Accounts/${ACCOUNT_SID}`;
	const authorization = `Basic ${Buffer.from(`${ACCOUNT_SID}:${AUTH_TOKEN}`).toString('base64')}`;

	const create = (request: RecordedRequest): Answer => {
		const form = new URLSearchParams(request.body);
		const to = form.get('To') ?? '';
		const from = form.get('From') ?? form.get('MessagingServiceSid');
		const body = form.get('Body');
		const number = to.replace(/^whatsapp:/, '');
		if (!/^\+[1-9]\d{6,14}$/.test(number)) return refuse(21211);
		if (NUMBERS[number] !== undefined) return refuse(NUMBERS[number]);
		if (!from) return refuse(21603);
		if (!body) return refuse(21602);
		const sid = `SM${randomBytes(16).toString('hex')}`;
		const statusCallback = form.get('StatusCallback');
		messages.push({ sid, to, from, body, ...(statusCallback === null ? {} : { statusCallback }) });
		if (messages.length > MOST_MESSAGES) messages.shift();
		return json(201, {
			account_sid: ACCOUNT_SID,
			api_version: '2010-04-01',
			body,
			direction: 'outbound-api',
			error_code: null,
			error_message: null,
			from,
			sid,
			status: 'queued',
			to,
			uri: `${account}/Messages/${sid}.json`,
		});
	};

	const server = await startRecordingServer((request) => {
		if (request.headers.authorization !== authorization) return refuse(20003);
		if (request.method === 'POST' && request.path === `${account}/Messages.json`) {
			return create(request);
		}
		if (request.method === 'GET' && request.path === `${account}.json`) {
			return json(200, {
				sid: ACCOUNT_SID,
				friendly_name: 'Example Ltd',
				status: 'active',
				type: 'Full',
			});
		}
		return refuse(20404);
	}, fill);
	return { ...server, accountSid: ACCOUNT_SID, authToken: AUTH_TOKEN, messages };
}

function fill({ status = 201, body }: ScriptedAnswer): Answer {
	if (body !== undefined) {
		return { status, headers: { 'content-type': 'application/json' }, body };
	}
	const code = Object.keys(ERRORS).find((one) => ERRORS[Number(one)]?.[0] === status);
	return code === undefined ? json(status, { status }) : refuse(Number(code));
}
