import type { ProviderId, RawRequest, ReceiveOptions } from '@sureping/engine';

/** A request as a provider posts it, ready to be sent or received. */
export interface SceneRequest extends RawRequest {
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Buffer;
}

export interface Signing {
	readonly body?: string | Buffer;
	readonly secret?: string;
	/** Unix seconds. */
	readonly at?: number;
	/** The URL that is called; providers that do not sign it ignore it. */
	readonly url?: string;
}

/**
 * One provider's webhooks as a test, a benchmark and a real n8n meet them: requests signed by the vendor's own package
 * where there is one that signs.
 */
export interface Scene {
	readonly provider: ProviderId;
	/** The form, for a provider that has several. */
	readonly title: string;
	readonly secret: string;
	/** Another secret of the same form. */
	readonly otherSecret: string;
	/** A documented payload that gives at least one event. */
	readonly body: string;
	/** Signs now or `at`, with `secret` unless told otherwise. */
	sign(signing?: Signing): SceneRequest | Promise<SceneRequest>;
	/** The header with the signature, in lower case; undefined where it is in the body or the URL. */
	readonly signatureHeader?: string;
	/** Headers that the receiver reads though no proof covers them, in lower case. */
	readonly unsignedHeaders?: readonly string[];
	/** The part that the proof covers: a test changes just that and expects a refusal. */
	readonly covers: { readonly body: boolean; readonly timestamp: boolean; readonly url?: boolean };
	/** Bodies that `sign` can carry, where that is not every sequence of bytes: its form has a place for these alone. */
	readonly carries?: 'text' | 'form' | 'json' | 'texts by name';
	/** Options that the provider needs, such as the rules of `generic`. */
	readonly options?: Partial<ReceiveOptions>;
	/** The certificate (PEM) that signs, where the host must fetch it. */
	readonly certificate?: string;
}

/** Unix seconds of requests that are signed without a time of their own. */
export const SIGNED_AT = 1_705_312_200;
export const SCENE_URL = 'https://hooks.example.com/webhook/1a2b/webhook';
