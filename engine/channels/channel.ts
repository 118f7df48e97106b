import type { z } from 'zod/v4';
import type { AnswerButton } from '../answer-buttons.ts';
import type { DeliveryError, ErrorCode } from '../errors.ts';
import type { VendorLimits } from './vendor-limits.ts';
import type {
	Capability,
	HttpReply,
	HttpRequest,
	Mail,
	MailReply,
	SmtpServer,
	TransportFailure,
} from '../ports.ts';

/** A message for a channel to send. */
export interface OutgoingMessage {
	readonly notificationId: string;
	/** The same for all attempts, so that a service can drop a repeat. */
	readonly deliveryId: string;
	readonly recipient: string;
	readonly subject?: string | undefined;
	readonly text: string;
	readonly metadata: Readonly<Record<string, unknown>>;
	/** Shown where the channel can; the message keeps an id then by which it is edited later. */
	readonly buttons?: readonly AnswerButton[] | undefined;
	/** The attempt's number, from 1. */
	readonly attempt: number;
	/** Start of the attempt; milliseconds since 1970. */
	readonly now: number;
	readonly timeoutMs: number;
	/** The URL to which the service reports on the message, if it does. */
	readonly reportUrl?: string | undefined;
}

export interface Delivered {
	readonly result: 'delivered';
	readonly confirmation: 'service' | 'device';
	/** The service's own id of the message, where it gives one that its reports name. */
	readonly messageId?: string;
	/** Milliseconds for which the service announced that it takes nothing more. */
	readonly pauseMs?: number;
}

/**
 * The party that a failure is about: `recipient`, this one address; `message`, its content; `sender`, the account or
 * the address that sends; `service`, the service itself; `us`, this machine, the configuration or a request of ours.
 */
export type Party = 'recipient' | 'message' | 'sender' | 'service' | 'us';

export interface Failed {
	readonly result: 'failed';
	readonly error: DeliveryError;
	/** Present where the answer is more precise than its error code; `partyOf` gives the party of every failure. */
	readonly about?: Party | undefined;
	/** Another attempt would fail the same way. */
	readonly permanent: boolean;
	/** Milliseconds that the channel asked to wait. */
	readonly retryAfterMs?: number | undefined;
	/** Nothing was sent because this machine lacks a resource for the moment, so the attempt does not count. */
	readonly isUncounted?: true;
}

/** The result of one attempt. */
export type Outcome = Delivered | Failed;

/** The party that each code is about, where the answer does not say. */
const PARTIES: Readonly<Record<ErrorCode, Party>> = {
	TIMEOUT: 'service',
	CONNECTION_FAILED: 'service',
	SERVICE_UNAVAILABLE: 'service',
	UNEXPECTED_ANSWER: 'service',
	RATE_LIMITED: 'sender',
	QUOTA_EXCEEDED: 'sender',
	AUTH_FAILED: 'us',
	NOT_CONFIGURED: 'us',
	EXPIRED: 'us',
	RECIPIENT_REJECTED: 'recipient',
	TARGET_GONE: 'recipient',
	NOT_DELIVERED: 'recipient',
	SUPPRESSED: 'recipient',
	UNCONFIRMED: 'recipient',
	QUIET_HOURS: 'recipient',
	MESSAGE_REJECTED: 'message',
};

/** The party that a failure is about. Only a failure of the `service` shows that the service is down. */
export function partyOf({ about, error }: Pick<Failed, 'about' | 'error'>): Party {
	return about ?? PARTIES[error.code];
}

/**
 * The result of a connection test. `detail` is for people: the owner of the credentials, or what they do not permit.
 */
export type CheckResult =
	| { readonly result: 'ok'; readonly detail?: string | undefined }
	| Failed
	/** Only sending a message would show whether the connection works. */
	| { readonly result: 'unknown'; readonly reason: string };

/** A request as data, for the host to carry out, and the meaning of its answer. */
export interface HttpExchange<Result> {
	readonly via: 'http';
	readonly request: HttpRequest;
	/** `now` in milliseconds, for waits given as dates. */
	classify(reply: HttpReply | TransportFailure, now: number): Result;
	/** The next request, where this answer alone does not decide: a new address, or a second check. Followed once. */
	followUp?(reply: HttpReply): HttpExchange<Result> | undefined;
}

/** One attempt as data, for the host to carry out. */
export type Call =
	| HttpExchange<Outcome>
	| {
			readonly via: 'smtp';
			readonly mail: Mail;
			readonly server: SmtpServer;
			/** `now` in milliseconds, for waits given as dates. */
			classify(reply: MailReply | TransportFailure, now: number): Outcome;
	  }
	| { readonly via: 'console'; readonly line: string };

/** A connection test as data: it proves the credentials and sends no message. */
export type Check =
	| HttpExchange<CheckResult>
	| {
			readonly via: 'smtp';
			readonly server: SmtpServer;
			classify(reply: MailReply | TransportFailure, now: number): CheckResult;
	  }
	/** There is no request that tests the connection. */
	| { readonly via: 'none'; readonly found: CheckResult };

/** A change of a message that was sent: a line below it, and its buttons gone. */
export interface MessageEdit extends Pick<OutgoingMessage, 'subject' | 'text' | 'timeoutMs'> {
	/** `messageId` of its delivery. */
	readonly messageId: string;
	readonly note: string;
}

/** A button that somebody pressed. Its data may be anything: it is proof of nothing. */
export interface ButtonAnswer {
	/** The id of the press, for `tell`. */
	readonly id: string;
	/** Its place among all answers of the account. */
	readonly position: number;
	readonly data: string;
	/** The message below which the button is, as its delivery has it. */
	readonly messageId: string | undefined;
	/** The addresses of the chat of that message. */
	readonly chats: readonly string[];
	readonly person: { readonly addresses: readonly string[]; readonly name: string };
}

/** `next`: the position from which to ask on; undefined when nothing came. */
export type AnswersRead =
	| {
			readonly result: 'answers';
			readonly answers: readonly ButtonAnswer[];
			readonly next?: number | undefined;
	  }
	| Failed;

/** Answers to the buttons of an account's messages, to be fetched by one process at a time. */
export interface AnswerSource {
	/** The account's public name; connections that share an account share its answers. */
	readonly account: string;
	/** Fetched also while nothing can be answered. */
	readonly isAlways: boolean;
	/** Waits up to `waitS` seconds for answers from the position `offset` on. Those before it are never given out again. */
	poll(offset: number | undefined, waitS: number): HttpExchange<AnswersRead>;
	/** Shows a line to the person who pressed a button. */
	tell(answerId: string, text: string, timeoutMs: number): HttpExchange<Outcome>;
}

/** A connection's credentials, checked and ready to use. */
export interface OpenConnection {
	readonly needs: Capability;
	/** The recipient when a send names none; undefined where a send must name one. */
	readonly defaultRecipient: string | undefined;
	/** The connection itself is the address; no other can be given. */
	readonly isFixed?: true;
	/** Limits that the vendor documents; undefined where there is no vendor. */
	readonly limits?: VendorLimits;
	/** The reason for which this address cannot be used, or undefined when it can. */
	refuseRecipient(recipient: string): string | undefined;
	/** The reason for which this message cannot be sent, or undefined when it can. */
	refuseMessage(text: string, subject?: string): string | undefined;
	prepare(message: OutgoingMessage): Call;
	/** Changes a message; absent where the channel cannot. */
	edit?(edit: MessageEdit): HttpExchange<Outcome>;
	/** Answers to its messages' buttons; absent where there are none to fetch. */
	readonly answers?: AnswerSource;
	/** A test of the credentials that sends nothing; `timeoutMs` for each of its requests. */
	check(timeoutMs: number): Check;
}

export type Opened =
	| { readonly ok: true; readonly connection: OpenConnection }
	| { readonly ok: false; readonly issues: readonly z.core.$ZodIssue[] };

/** One way to reach a channel: Slack's incoming webhooks, mail over SMTP, mail over a vendor's API. */
export interface Service {
	/** The setting whose presence selects this service, such as `webhook_url`. */
	readonly key: string;
	readonly title: string;
	readonly needs: Capability;
	/** Settings of a connection that uses this service, beside those that every connection has. */
	readonly settings: z.ZodType;
	/** `name` is the connection's name. It stands for the recipient where the connection itself is the address. */
	open(settings: unknown, name: string): Opened;
}

/** A channel's row in the docs, in Markdown. */
export interface ChannelDocs {
	/** The settings that a connection needs. */
	readonly needs: string;
	/** The form of a recipient. */
	readonly recipient: string;
	/** The longest message. */
	readonly limits: string;
	/** The meaning of `delivered`. */
	readonly delivered: string;
}

export interface Channel {
	readonly id: string;
	readonly title: string;
	readonly docs: ChannelDocs;
	readonly services: readonly Service[];
}

/** Ties a service's settings schema to the code that uses them, so that no caller needs to know their type. */
export function service<Settings>(definition: {
	key: string;
	title: string;
	needs: Capability;
	settings: z.ZodType<Settings>;
	open(settings: Settings, name: string): Omit<OpenConnection, 'needs'>;
}): Service {
	const { key, title, needs, settings, open } = definition;
	return {
		key,
		title,
		needs,
		settings,
		open(raw, name) {
			const parsed = settings.safeParse(raw);
			if (!parsed.success) return { ok: false, issues: parsed.error.issues };
			const opened = open(parsed.data, name);
			const prepare = (message: OutgoingMessage): Call => opened.prepare(wellFormed(message));
			return { ok: true, connection: { needs, ...opened, prepare } };
		},
	};
}

/** Half of a surrogate pair is no text: services refuse it, or show something else (Unicode Standard, chapter 3.9, D92). */
function wellFormed(message: OutgoingMessage): OutgoingMessage {
	const { text, subject } = message;
	return {
		...message,
		text: text.toWellFormed(),
		...(subject === undefined ? {} : { subject: subject.toWellFormed() }),
	};
}
