import {
	isProviderId,
	type ProviderId,
	PROVIDERS,
	type ReceiveOptions,
	type ReportRules,
	SIGNATURE_INPUTS,
	signsUrl,
	strippedEnd,
} from '@sureping/engine';
import { z } from 'zod/v4';
import { genericRulesSchema } from './generic-rules.ts';
import { didYouMean, type Mistake } from '../words/index.ts';
import type { InboundSettings } from './schema.ts';
import { twinsIn } from './twins.ts';

const provider = z.string().transform((text, context): ProviderId => {
	if (isProviderId(text)) return text;
	const known = Object.keys(PROVIDERS);
	context.addIssue(`is not a provider; one of: ${known.join(', ')}${didYouMean(text, known)}`);
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
	/** How a provider that is not built in signs, and where its facts are. */
	generic: genericRulesSchema.optional(),
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
	publicUrl: string | undefined,
	issues: Mistake[],
): readonly InboundEntry[] {
	const names = list.map(({ provider, connection }) => `${provider}/${connection}`);
	const twins = new Set(twinsIn(names).map(({ at }) => at));
	return list.map((entry, i) => {
		const complain = (message: string, ...field: string[]): void => {
			issues.push({ path: ['inbound', i, ...field], message });
		};
		const { provider, connection } = entry;
		if (twins.has(i)) complain(`${provider}/${connection} is there twice`);
		if (entry.secret !== undefined && entry.secrets !== undefined) {
			complain('needs either secret or secrets');
		}
		const secrets = entry.secrets ?? (entry.secret === undefined ? [] : [entry.secret]);
		if (secrets.length === 0) {
			complain("is needed; without one nobody's report could be believed", 'secret');
		}
		if ((provider === 'generic') !== (entry.generic !== undefined)) {
			const message = provider === 'generic' ? 'is needed' : 'is for the provider generic alone';
			complain(message, 'generic');
		}
		if (publicUrl === undefined && signsUrl(provider, entry.generic)) {
			const url = inboundUrl('https://ping.example.com', entry);
			complain(
				`${provider} signs the URL that it calls; set public_url, such as "https://ping.example.com" where it calls ${url}`,
			);
		}
		const isOurs = connections.has(connection);
		const waits = entry.report_timeout_s !== undefined || entry.unreported !== undefined;
		if (waits && !isOurs) {
			const field = entry.report_timeout_s === undefined ? 'unreported' : 'report_timeout_s';
			complain(`${connection} is not one of the connections, so nothing waits`, field);
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
		...(generic === undefined ? {} : { generic }),
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
	issues: Mistake[],
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
			const message = `another entry of ${connection} says ${String(value)}`;
			issues.push({ path: ['inbound', at, field], message });
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
	return `${strippedEnd(publicUrl, /\//)}/inbound/${provider}/${connection}`;
}
