import { completeReading, type Reading } from './complete-reading.ts';
import type { ReceiveOptions } from './options.ts';
import { isProviderId, type ProviderId, PROVIDERS } from './providers/index.ts';
import type { RawRequest, Rejection, Verification } from './verify/verification.ts';

export type Accepted = { readonly ok: true } & Reading;
export type Received = Accepted | Rejection;

/** Proves where one webhook request comes from, and reads nothing more than that takes. */
export function verify(
	provider: ProviderId,
	request: RawRequest,
	secrets: readonly string[],
	options: ReceiveOptions,
): Verification {
	return PROVIDERS[provider].verify(request, secrets, options);
}

/**
 * Verifies and reads one webhook request. Fails closed: without a secret nothing is ever accepted. A request that is
 * proved genuine is accepted, whatever it says. A rejection with a `need` is for the host to meet and ask again;
 * `receiveAsking` does that.
 */
export function receive(
	provider: ProviderId,
	request: RawRequest,
	secrets: readonly string[],
	options: ReceiveOptions,
): Received {
	const sender = PROVIDERS[provider];
	const verified = sender.verify(request, secrets, options);
	if (!verified.ok) return verified;
	const draft = sender.read(verified, { ...options, isKnownProvider: isProviderId });
	return { ok: true, ...completeReading(provider, verified, draft, options) };
}
