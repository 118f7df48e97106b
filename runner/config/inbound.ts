import {
	type ProviderId,
	type ReceiveOptions,
	type ReportRules,
	signsUrl,
	trimEndMatching,
} from '@sureping/engine';
import type { Mistake } from '../words/index.ts';
import { duplicatesIn } from './duplicates.ts';
import type { InboundSettings } from './settings/index.ts';

/** A provider that may report at `/inbound/{provider}/{connection}`, and how its reports are verified. */
export interface InboundEntry {
	readonly provider: ProviderId;
	readonly connection: string;
	readonly secrets: readonly string[];
	readonly options: Pick<
		ReceiveOptions,
		'toleranceS' | 'signatureInput' | 'verifyToken' | 'generic'
	>;
	/** Makes an event of a report that matches no message. */
	readonly forward: boolean;
	/** The name is that of a connection, so most reports are on messages of this runner. */
	readonly isOurs: boolean;
}

/** Converts the entries. Adds to `issues` the mistakes that show only when the entries are seen together. */
export function toInbound(
	list: readonly InboundSettings[],
	connections: ReadonlySet<string>,
	publicUrl: string | undefined,
	issues: Mistake[],
): readonly InboundEntry[] {
	const names = list.map(({ provider, connection }) => `${provider}/${connection}`);
	const duplicates = new Set(duplicatesIn(names).map(({ at }) => at));
	return list.map((entry, i) => {
		const complain = (message: string, ...field: string[]): void => {
			issues.push({ path: ['inbound', i, ...field], message });
		};
		const { provider, connection } = entry;
		if (duplicates.has(i)) complain(`${provider}/${connection} is listed twice`);
		if (entry.secret !== undefined && entry.secrets !== undefined) {
			complain('needs either secret or secrets');
		}
		const secrets = entry.secrets ?? (entry.secret === undefined ? [] : [entry.secret]);
		if (secrets.length === 0) {
			complain('is needed; without a secret no report can be verified', 'secret');
		}
		if ((provider === 'generic') !== (entry.generic !== undefined)) {
			const message = provider === 'generic' ? 'is needed' : 'is only for the provider generic';
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
			complain(`${connection} is not a connection, so no message waits for a report`, field);
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
 * The wait of a connection's deliveries for their report, and their outcome without one. Undefined where
 * nothing reports on the connection. Several entries for one connection must agree; services that take a URL with every
 * message get the first entry's.
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

/** The URL that the provider of an entry posts to. */
export function inboundUrl(
	publicUrl: string,
	{ provider, connection }: { readonly provider: string; readonly connection: string },
): string {
	return `${trimEndMatching(publicUrl, /\//)}/inbound/${provider}/${connection}`;
}
