import { memoized } from '@sureping/engine';
import { isAddress } from '../transport/address-kind.ts';
import { canonicalHost } from '../transport/host-name.ts';
import type { App } from './app.ts';
import { Problem } from './problem.ts';

/** Orchestrators call these by whatever name they know, and they reveal nothing. */
const ANY_HOST: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

/**
 * Refuses requests for a host that the runner does not answer to (421, RFC 9110 §15.5.20). Otherwise a page in a
 * browser could point its own name at the runner's address and read what needs no key (DNS rebinding). An address, a
 * name without a dot and `localhost` cannot belong to such a page.
 */
export function refuseForeignHosts(
	app: App,
	publicUrl: string | undefined,
	hosts: readonly string[],
): void {
	const known = new Set(
		[...(publicUrl === undefined ? [] : [new URL(publicUrl).host]), ...hosts].map(withoutPort),
	);
	const refusalOf = memoized((asked: string): string | undefined => {
		const host = withoutPort(asked);
		if (host !== undefined && (isOwn(host) || known.has(host))) return undefined;
		const setting =
			host === undefined ? '' : `; to allow it, add "${host}" to security.hosts or set public_url`;
		return `The runner does not answer to this Host${setting}`;
	});
	app.addHook('onRequest', (request, _reply, done) => {
		const { headers, raw } = request;
		const asked = authorityOf(raw.url ?? '') ?? headers.host;
		// HTTP/1.0 has none, and no browser speaks it.
		const refusal = asked === undefined ? undefined : refusalOf(asked);
		if (refusal === undefined || ANY_HOST.has(request.routeOptions.url ?? '')) return done();
		throw new Problem(421, refusal);
	});
}

/** The host of a target in absolute form, which takes precedence over `Host` (RFC 9112 §3.2.2). */
const authorityOf = (target: string): string | undefined =>
	/^https?:\/\/([^/?#]*)/i.exec(target)?.[1];

function isOwn(host: string): boolean {
	return isAddress(host) || !host.includes('.') || host.endsWith('.localhost');
}

/** The canonical host of a `Host` header; undefined when it is invalid. */
function withoutPort(text: string): string | undefined {
	return canonicalHost(text.replace(/:\d*$/, ''));
}
