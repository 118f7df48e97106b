import type { ReceivedEvent } from '../received-event.ts';
import type { Explain } from './explain/explanation.ts';
import type { ReceiveOptions } from './options.ts';
import type { Genuine, RawRequest, Verification } from './verify/verification.ts';

/** A provider's proof in words, for people who set it up. */
export interface Scheme {
	/** The signature, and the bytes that it covers. */
	readonly proof: string;
	/** The secret's form, and where it is found. */
	readonly secret: string;
	readonly documentation: string;
	/** The signature covers the URL, so a verifier must know exactly which URL was called. */
	readonly signsUrl?: true;
}

/** A provider's row in the docs, in Markdown. */
export interface ProviderDocs {
	readonly verifiedBy: string;
	/** The event types that it reports, without `notification.`. */
	readonly events: string;
	/** The page or setting that takes the webhook's URL. */
	readonly setUp: string;
}

/** A part of a genuine request that is in no form that its provider documents. */
export interface Unread {
	/** As it came. */
	readonly unread: unknown;
	/** The facts that identify it, where not the whole body does. */
	readonly identity?: readonly unknown[];
}

/** A provider's reading of one request, before unreadable parts become events. */
export interface Draft {
	readonly events: readonly (ReceivedEvent | Unread)[];
	/** The answer that the provider waits for instead of the host's own, always with status 200. */
	readonly answer?: { readonly contentType: string; readonly body: string };
	/** A URL to call with GET, which confirms the subscription (Amazon SNS). */
	readonly confirm?: string;
}

export interface ReadContext extends ReceiveOptions {
	/** A newer runner may pass on events of providers that this version does not know. */
	isKnownProvider(id: string): boolean;
}

/** One provider's webhooks. No function of it throws, whatever arrives. */
export interface Provider<Id extends string = string> {
	/** On the wire, in configurations and in events. */
	readonly id: Id;
	/** The value of the n8n parameter, in n8n's spelling. */
	readonly parameter: string;
	/** The name that people know. */
	readonly title: string;
	readonly scheme: Scheme;
	readonly docs: ProviderDocs;
	/** Headers, in lower case, that give a request away as this provider's when it reaches another one's URL. */
	readonly signatureHeaders?: readonly string[];
	/** It also calls with GET: to set the webhook up, or where its account says so. */
	readonly callsWithGet?: true;
	/** Explains a rejection in more detail than its reason, by looking for common mistakes. */
	readonly explain?: Explain;
	/** Proves where the request comes from. Fails closed: without a secret nothing is genuine. */
	verify(request: RawRequest, secrets: readonly string[], options: ReceiveOptions): Verification;
	/** Reads a genuine request; undefined when it cannot be read. */
	read(genuine: Genuine, context: ReadContext): Draft | undefined;
}

/** Declares a provider and keeps the literal type of its id, of which `ProviderId` is made. */
export function provider<const Id extends string>(definition: Provider<Id>): Provider<Id> {
	return definition;
}
