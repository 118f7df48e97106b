import type { OverallEvent } from '../../event.ts';
import type { FeedEvent, MessageEvent } from '../../feed-event.ts';
import type { ReceivedType } from '../../vocabulary.ts';
import type { RetryPolicy } from '../../retry.ts';
import type { OperationalEvent } from '../operational.ts';
import type { SignatureInput } from '../../signing/one-ping.ts';
import type { ReportType } from '../../report-type.ts';

/** One webhook request on the wire. */
export interface WebhookMessage {
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
}

/** An endpoint's options within its profile. */
export interface FormatOptions {
	readonly signatureInput: SignatureInput;
	readonly reportType: ReportType;
}

/** The secrets and the time that a request is signed with. */
export interface Signing extends FormatOptions {
	/** The newest first; while a rotation lasts, those before it as well. */
	readonly secrets: readonly string[];
	/** Milliseconds since 1970. */
	readonly now: number;
}

/** A wire format for the webhooks that we send, as a provider defines it. */
export interface Profile {
	/** Its row in the docs, in Markdown: the signature, and the events that it has payloads for. */
	readonly docs: { readonly signature: string; readonly events: string };
	/** The events of an endpoint that asks for none in particular. */
	readonly defaultEvents: readonly ReceivedType[];
	readonly retry: RetryPolicy;
	/** A secret is required, optional or unused. */
	readonly secret: 'required' | 'optional' | 'none';
	/** During a rotation, the previous secrets sign as well. */
	readonly signsWithFormer?: true;
	/** The mistake in a secret that the user chose, or undefined. */
	refuseSecret?(secret: string): string | undefined;
	/** True when several events may go in one request, as `{"events": […]}`. */
	readonly batches: boolean;
	/** Its events carry subject, message and source of their notification. The profiles of other providers do not. */
	readonly carriesAbout?: true;
	/** Builds the payload of an event when called; undefined where the profile has no payload for the event. */
	payload(event: MessageEvent, options: FormatOptions): (() => object) | undefined;
	/** The payload of an event about no single delivery; absent in the profiles of other providers. */
	overall?(event: OverallEvent): object;
	/** The payload of an endpoint's own state; absent where the profile has none. */
	operational?(event: OperationalEvent): object;
	/** True when the profile sends nothing more about the notification after this event. */
	concludes?(event: MessageEvent): boolean;
	/** The payload as text; compact JSON where this is absent. */
	write?(payload: object, options: FormatOptions): string;
	/** The headers that go with these body bytes. `eventId` is absent for a batch. */
	headers(body: string, signing: Signing, eventId?: string): Readonly<Record<string, string>>;
}

/** Lower-case word of an event's type, such as `delivered`. */
export function wordOf({ event }: Pick<FeedEvent, 'event'>): string {
	return event.slice(event.lastIndexOf('.') + 1);
}
