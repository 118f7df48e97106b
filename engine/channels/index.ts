import type { z } from 'zod/v4';
import type { Channel, OpenConnection } from './channel.ts';
import { consoleChannel } from './console.ts';
import { discord } from './discord.ts';
import { email } from './email/index.ts';
import { slack } from './slack.ts';
import { sms } from './sms.ts';
import { telegram } from './telegram.ts';
import { webhook } from './webhook.ts';
import { whatsapp } from './whatsapp.ts';

export type {
	AnswerSource,
	AnswersRead,
	ButtonAnswer,
	Call,
	Channel,
	Check,
	CheckResult,
	Delivered,
	HttpExchange,
	MessageEdit,
	OpenConnection,
	Outcome,
	OutgoingMessage,
	Party,
	Service,
} from './channel.ts';
export { partyOf } from './channel.ts';
export { attempt, type AttemptResult } from './attempt.ts';
export { exchange } from './exchange.ts';
export { checkConnection } from './check.ts';
export type { VendorLimits } from './vendor-limits.ts';

/** Every channel, in the order in which lists show them. */
export const CHANNELS: readonly Channel[] = [
	slack,
	telegram,
	discord,
	email,
	sms,
	whatsapp,
	webhook,
	consoleChannel,
];

export type ConnectionResult =
	| { readonly ok: true; readonly connection: OpenConnection }
	| { readonly ok: false; readonly issues: readonly z.core.$ZodIssue[] };

/** Checks a connection's settings and picks the service that they belong to. */
export function openConnection(
	channelId: string,
	name: string,
	settings: Readonly<Record<string, unknown>>,
): ConnectionResult {
	const channel = CHANNELS.find(({ id }) => id === channelId);
	if (!channel) {
		const known = CHANNELS.map(({ id }) => id).join(', ');
		return refuse(['channel'], `is not a channel; one of: ${known}`);
	}
	const [first, ...others] = channel.services;
	const chosen = others.length
		? channel.services.filter(({ key }) => settings[key] !== undefined)
		: channel.services.slice(0, 1);
	const [service] = chosen;
	if (!service || !first || chosen.length > 1) {
		const keys = channel.services.map(({ key }) => key).join(', ');
		return refuse([], `a ${channelId} connection needs exactly one of: ${keys}`);
	}
	const opened = service.open(settings, name);
	return opened.ok ? opened : { ok: false, issues: opened.issues };
}

function refuse(path: readonly string[], message: string): ConnectionResult {
	return { ok: false, issues: [{ code: 'custom', path: [...path], message, input: undefined }] };
}
