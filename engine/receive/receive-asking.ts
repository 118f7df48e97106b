import type { ProviderId } from './providers/index.ts';
import { receive } from './receive.ts';
import type { Found, Need, OneTimeToken, RawRequest, TokenUse } from './verify/verification.ts';
import type { Received } from './receive.ts';
import type { ReceiveOptions } from './options.ts';

/** The facts that a host can find out for a verification. */
export interface Sources {
	/** The certificate (PEM) at a URL that the engine has found to be the provider's own; undefined when there is none. */
	certificate(url: string): Promise<string | undefined>;
	/** Remembers a one-time token with a hash of its request, across all entries, and returns its earlier use. */
	tokenUse(token: OneTimeToken): TokenUse | Promise<TokenUse>;
}

/** `receive`, with its needs met by the host. Rejects only when a source does. */
export async function receiveAsking(
	provider: ProviderId,
	request: RawRequest,
	secrets: readonly string[],
	options: ReceiveOptions,
	sources: Sources,
): Promise<Received> {
	const first = receive(provider, request, secrets, options);
	if (first.ok || !first.need) return first;
	const found = await meet(first.need, sources);
	return receive(provider, request, secrets, { ...options, found });
}

async function meet(need: Need, { certificate, tokenUse }: Sources): Promise<Found> {
	if (need.fact === 'token-use') {
		return { tokenUse: await tokenUse(need) };
	}
	const pem = await certificate(need.url);
	return pem === undefined ? {} : { certificates: { [need.url]: pem } };
}
