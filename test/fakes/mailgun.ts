import {
	type Answer,
	json,
	type RecordedRequest,
	type RecordingServer,
	type ScriptedAnswer,
	startRecordingServer,
} from './recording-server.ts';

export interface FakeMailgun extends RecordingServer {
	readonly apiKey: string;
	/** Of the domain: may send and do nothing else. */
	readonly sendingKey: string;
	readonly domain: string;
	/** Mails to `authorizedAddress` alone. */
	readonly sandboxDomain: string;
	readonly authorizedAddress: string;
	/** Queued mails, oldest first. */
	readonly mails: readonly Readonly<Record<string, string>>[];
}

const API_KEY = 'key-fake0123456789fake0123456789';
const SENDING_KEY = 'fakesending0123456789-01234567-89abcdef';
const DOMAIN = 'mg.example.com';
const SANDBOX = 'sandbox0123.mailgun.org';
const AUTHORIZED = 'ada@example.com';

const refuse = (status: number, message: string): Answer => json(status, { message });

/** A Mailgun of its own: `POST /v3/{domain}/messages` and `GET /v4/domains/{domain}`. */
export async function startMailgun(): Promise<FakeMailgun> {
	const mails: Record<string, string>[] = [];
	const call = (request: RecordedRequest): Answer => {
		const [, encoded = ''] = /^Basic (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
		const [user, key] = Buffer.from(encoded, 'base64').toString().split(':');
		// "Invalid or missing API key" (documentation.mailgun.com/docs/mailgun/api-reference/api-overview); the word is Mailgun's.
		if (user !== 'api' || (key !== API_KEY && key !== SENDING_KEY)) return refuse(401, 'Forbidden');
		const [, domain] = /^\/v4\/domains\/([^/?]+)$/.exec(request.path) ?? [];
		if (domain !== undefined && request.method === 'GET') return getDomain(domain, key);
		const [, sender] = /^\/v3\/([^/?]+)\/messages$/.exec(request.path) ?? [];
		if (sender === undefined) return { status: 404, body: '404 page not found' };
		if (request.method !== 'POST') return refuse(405, 'Method Not Allowed');
		if (sender !== DOMAIN && sender !== SANDBOX) return refuse(404, `Domain not found: ${sender}`);
		return send(request, sender, mails);
	};
	const server = await startRecordingServer(call, fill);
	return {
		...server,
		apiKey: API_KEY,
		sendingKey: SENDING_KEY,
		domain: DOMAIN,
		sandboxDomain: SANDBOX,
		authorizedAddress: AUTHORIZED,
		mails,
	};
}

/** "Domain Sending Keys … only allow sending messages" (documentation.mailgun.com/docs/mailgun/api-reference). */
function getDomain(name: string, key: string): Answer {
	if (key === SENDING_KEY) return refuse(401, 'Forbidden');
	if (name !== DOMAIN && name !== SANDBOX) return refuse(404, 'Domain not found');
	return json(200, { domain: { name, state: 'active', type: 'custom' } });
}

const ADDRESS = /^[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+$/;
const isAddress = (text: string): boolean => ADDRESS.test(/<([^<>]+)>$/.exec(text)?.[1] ?? text);

/** The parameters of "Send an email", a form; what is missing or wrong is told by the sentence. */
function send(request: RecordedRequest, domain: string, mails: Record<string, string>[]): Answer {
	if (!/^application\/x-www-form-urlencoded\b/.test(request.headers['content-type'] ?? '')) {
		return refuse(400, "'from' parameter is missing");
	}
	const form = Object.fromEntries(new URLSearchParams(request.body));
	const { from, to, text, html } = form;
	if (!from) return refuse(400, "'from' parameter is missing");
	if (!isAddress(from)) {
		return refuse(400, "'from' parameter is not a valid address. please check documentation");
	}
	if (!to) return refuse(400, "'to' parameter is missing");
	if (!isAddress(to)) {
		return refuse(400, "'to' parameter is not a valid address. please check documentation");
	}
	if (!text && !html)
		return refuse(400, "Need at least one of 'text' or 'html' parameters specified");
	if (domain === SANDBOX && to !== AUTHORIZED) {
		const sentence = `Domain ${SANDBOX} is not allowed to send: Sandbox subdomains are for test purposes only. Please add your own domain or add the address to authorized recipients in Account Settings.`;
		return refuse(403, sentence);
	}
	mails.push(form);
	return json(200, { id: `<${mails.length}@${domain}>`, message: 'Queued. Thank you.' });
}

/** "Retry as defined in response headers": the time of the reset in unix seconds (github.com/mailgun/mailgun-go, errors.go). */
function fill({ status = 200, body, retryAfter }: ScriptedAnswer): Answer {
	if (body !== undefined) return { status, headers: { 'content-type': 'application/json' }, body };
	if (status === 200) return json(200, { id: '<1@mg.example.com>', message: 'Queued. Thank you.' });
	if (status !== 429) return refuse(status, 'Internal Server Error');
	const answer = refuse(429, 'Too Many Requests');
	const reset = Math.ceil(Date.now() / 1000) + (retryAfter ?? 1);
	return {
		...answer,
		tellsWait: true,
		headers: { ...answer.headers, 'x-ratelimit-reset': String(reset) },
	};
}
