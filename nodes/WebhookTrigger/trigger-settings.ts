import type { IDataObject, IWebhookFunctions } from 'n8n-workflow';
import type { ProviderId } from '../../engine/receive/providers/index.ts';
import type { ReceivedEvent, ReceiveOptions } from '../../engine/receive/index.ts';
import { SIGNATURE_INPUTS } from '../../engine/signing/index.ts';
import { genericRules } from './generic-rules.ts';

/** The node's parameters for handling a request, except its secrets. */
export interface Settings {
	readonly receive: Omit<ReceiveOptions, 'now'>;
	/** True for an event that the node is set to start the workflow with. */
	wants(event: ReceivedEvent): boolean;
	readonly dedupeWindowMs: number;
	readonly includeHeaders: boolean;
	/** Empty for the default answer. */
	readonly responseBody: string;
	readonly publicUrl: string | undefined;
}

/** Longer than any provider retries a webhook. */
export const DEFAULT_DEDUPE_MINUTES = 24 * 60;

export function triggerSettings(context: IWebhookFunctions, provider: ProviderId): Settings {
	const options = context.getNodeParameter('options', {}) as IDataObject; // a collection
	const { toleranceS, signatureInput, dedupeMinutes, providerEvents, publicUrl } = options;
	const input = SIGNATURE_INPUTS.find((known) => known === signatureInput);
	const types = chosen(context.getNodeParameter('events', []));
	const names = chosen(String(providerEvents ?? '').split(','));
	const minutes = typeof dedupeMinutes === 'number' ? dedupeMinutes : DEFAULT_DEDUPE_MINUTES;
	return {
		receive: {
			...(typeof toleranceS === 'number' ? { toleranceS } : {}),
			...(input === undefined ? {} : { signatureInput: input }),
			...(provider === 'generic' ? { generic: genericRules(context) } : {}),
		},
		// An unreadable event may be of any type.
		wants: ({ type, providerEvent = type, unreadable = false }) =>
			unreadable || ((types?.has(type) ?? true) && (names?.has(providerEvent) ?? true)),
		dedupeWindowMs: minutes * 60_000,
		includeHeaders: options.includeHeaders === true,
		responseBody: String(options.responseBody ?? ''),
		publicUrl: typeof publicUrl === 'string' && publicUrl !== '' ? publicUrl.trim() : undefined,
	};
}

/** Undefined when nothing is chosen, which means everything. */
function chosen(values: unknown): ReadonlySet<string> | undefined {
	const list = Array.isArray(values) ? values.map((value) => String(value).trim()) : [];
	const named = list.filter((value) => value !== '');
	return named.length > 0 ? new Set(named) : undefined;
}
