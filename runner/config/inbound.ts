import {
	type GenericRules,
	isProviderId,
	type ProviderId,
	PROVIDERS,
	type ReceiveOptions,
	type ReportRules,
	SIGNATURE_INPUTS,
} from '@sureping/engine';
import { z } from 'zod/v4';
import type { InboundSettings } from './schema.ts';

const header = z
	.string()
	.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'must be the name of a header')
	.transform((text) => text.toLowerCase());
const path = z.string().min(1).max(256);

/** How a provider that is not built in signs and what its payload's fields are: `GenericRules` as they are written. */
const genericSchema = z.strictObject({
	algorithm: z.enum(['sha1', 'sha256', 'sha512', 'none']).default('sha256'),
	encoding: z.enum(['hex', 'base64', 'base64url']).default('hex'),
	signature_header: header,
	signature_prefix: z.string().optional(),
	timestamp_header: header.optional(),
	id_header: header.optional(),
	signed_content: z.string().min(1).default('{body}'),
	secret_encoding: z.enum(['utf8', 'hex', 'base64']).default('utf8'),
	fields: z.strictObject({
		events: path.optional(),
		type: path,
		notification_id: path,
		event_id: path.optional(),
		channel: path.optional(),
		recipient: path.optional(),
		occurred_at: path.optional(),
		error_code: path.optional(),
		error_message: path.optional(),
	}),
	types: z.record(z.string(), z.string()).default({}),
});

const provider = z.string().transform((text, context): ProviderId => {
	if (isProviderId(text)) return text;
	context.addIssue(`is not a provider; one of: ${Object.keys(PROVIDERS).join(', ')}`);
	return z.NEVER;
});

const secret = z.string().min(1, 'must not be empty');
const LONGEST_WAIT_S = 30 * 24 * 3600;

/** What an entry of `inbound` says beside the connection's name. */
export const inboundFields = {
	provider,
	secret: secret.optional(),
	/** All that may be in use, as while one replaces another. */
	secrets: z.array(secret).min(1).optional(),
	/** WhatsApp: what Meta repeats when the webhook is set up. */
	verify_token: z.string().min(1).optional(),
	/** How far a timestamp may be away. */
	tolerance_s: z.number().min(0).max(86_400).optional(),
	signature_input: z.enum(SIGNATURE_INPUTS).optional(),
	generic: genericSchema.optional(),
	/** Pass on what matches nothing that was sent from here. */
	forward: z.boolean().optional(),
	/** How long a message of the connection waits for its report, and what it counts as when none comes. */
	report_timeout_s: z.number().positive().max(LONGEST_WAIT_S).optional(),
	unreported: z.enum(['delivered', 'failed']).optional(),
};

/** Somebody who may report to `/inbound/{provider}/{connection}`. */
export interface InboundEntry {
	readonly provider: ProviderId;
	readonly connection: string;
	readonly secrets: readonly string[];
	readonly options: Pick<
		ReceiveOptions,
		'toleranceS' | 'signatureInput' | 'verifyToken' | 'generic'
	>;
	/** Whether what matches nothing that was sent becomes an event by itself. */
	readonly forward: boolean;
	/** Its name is a connection's, so that most of its reports are on messages of ours. */
	readonly isOurs: boolean;
}

/** The entries, with every mistake that only shows when they are seen together. */
export function toInbound(
	list: readonly InboundSettings[],
	connections: ReadonlySet<string>,
	issues: string[],
): readonly InboundEntry[] {
	return list.map((entry, i) => {
		const at = `inbound.${i}`;
		const { provider, connection } = entry;
		const isTwin = list
			.slice(0, i)
			.some((other) => other.provider === provider && other.connection === connection);
		if (isTwin) issues.push(`${at}: ${provider}/${connection} is there twice`);
		if (entry.secret !== undefined && entry.secrets !== undefined) {
			issues.push(`${at}: needs either secret or secrets`);
		}
		const secrets = entry.secrets ?? (entry.secret === undefined ? [] : [entry.secret]);
		if (secrets.length === 0) {
			issues.push(`${at}.secret: is needed; without one nobody's report could be believed`);
		}
		if ((provider === 'generic') !== (entry.generic !== undefined)) {
			const message = provider === 'generic' ? 'is needed' : 'is for the provider generic alone';
			issues.push(`${at}.generic: ${message}`);
		}
		const isOurs = connections.has(connection);
		const waits = entry.report_timeout_s !== undefined || entry.unreported !== undefined;
		if (waits && !isOurs) {
			const field = entry.report_timeout_s === undefined ? 'unreported' : 'report_timeout_s';
			issues.push(`${at}.${field}: ${connection} is not one of the connections, so nothing waits`);
		}
		return {
			provider,
			connection,
			secrets,
			options: optionsOf(entry),
			forward: entry.forward ?? !isOurs,
			isOurs,
		};
	});
}

function optionsOf(entry: InboundSettings): InboundEntry['options'] {
	const { tolerance_s, signature_input, verify_token, generic } = entry;
	return {
		...(tolerance_s === undefined ? {} : { toleranceS: tolerance_s }),
		...(signature_input === undefined ? {} : { signatureInput: signature_input }),
		...(verify_token === undefined ? {} : { verifyToken: verify_token }),
		...(generic === undefined ? {} : { generic: toRules(generic) }),
	};
}

function toRules({ fields, types, ...rules }: z.infer<typeof genericSchema>): GenericRules {
	return {
		algorithm: rules.algorithm,
		encoding: rules.encoding,
		signatureHeader: rules.signature_header,
		signedContent: rules.signed_content,
		secretEncoding: rules.secret_encoding,
		...(rules.signature_prefix === undefined ? {} : { signaturePrefix: rules.signature_prefix }),
		...(rules.timestamp_header === undefined ? {} : { timestampHeader: rules.timestamp_header }),
		...(rules.id_header === undefined ? {} : { idHeader: rules.id_header }),
		fields: {
			type: fields.type,
			notificationId: fields.notification_id,
			...(fields.events === undefined ? {} : { events: fields.events }),
			...(fields.event_id === undefined ? {} : { eventId: fields.event_id }),
			...(fields.channel === undefined ? {} : { channel: fields.channel }),
			...(fields.recipient === undefined ? {} : { recipient: fields.recipient }),
			...(fields.occurred_at === undefined ? {} : { occurredAt: fields.occurred_at }),
			...(fields.error_code === undefined ? {} : { errorCode: fields.error_code }),
			...(fields.error_message === undefined ? {} : { errorMessage: fields.error_message }),
		},
		types,
	};
}

const DAY_S = 86_400;

/**
 * What the deliveries of a connection are to expect, where somebody reports on them. Entries that report on the same
 * connection must agree; their URLs differ, and the first one's is told to services that want it with every message.
 */
export function reportRulesOf(
	connection: string,
	list: readonly InboundSettings[],
	publicUrl: string | undefined,
	issues: string[],
): ReportRules | undefined {
	const entries = list.filter((entry) => entry.connection === connection);
	const [first] = entries;
	if (!first) return undefined;
	const agreed = <T>(
		field: string,
		of: (entry: InboundSettings) => T | undefined,
	): T | undefined => {
		const [value, ...others] = new Set(entries.map(of).filter((one) => one !== undefined));
		if (others.length > 0) {
			const at = list.findIndex((e) => e.connection === connection && of(e) === others[0]);
			issues.push(`inbound.${at}.${field}: another entry of ${connection} says ${String(value)}`);
		}
		return value;
	};
	const timeoutS = agreed('report_timeout_s', (entry) => entry.report_timeout_s) ?? DAY_S;
	const otherwise = agreed('unreported', (entry) => entry.unreported) ?? 'delivered';
	return {
		timeoutMs: Math.round(timeoutS * 1000),
		otherwise,
		...(publicUrl === undefined ? {} : { url: inboundUrl(publicUrl, first) }),
	};
}

/** Where an entry's provider is to post to. */
export function inboundUrl(
	publicUrl: string,
	{ provider, connection }: { readonly provider: string; readonly connection: string },
): string {
	return `${publicUrl.replace(/\/+$/, '')}/inbound/${provider}/${connection}`;
}
