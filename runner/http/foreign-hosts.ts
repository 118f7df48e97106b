import { isAddress } from '../transport/address-kind.ts';
import { canonicalHost } from '../transport/host-name.ts';
import type { App } from './app.ts';
import { Problem } from './problem.ts';

/** Paths that orchestrators call by any host name; their answers hold no secrets. */
const ANY_HOST: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

/**
 * Refuses requests for a host that the runner is not known by (421, RFC 9110 §15.5.20). A web page can point its own
 * host name at the runner's address and then read routes that need no key (DNS rebinding). An address, a name without a
 * dot and `localhost` cannot belong to such a page.
 */
export function refuseForeignHosts(
	app: App,
	publicUrl: string | undefined,
	hosts: readonly string[],
): void {
	const known = new Set(
		[...(publicUrl === undefined ? [] : [new URL(publicUrl).host]), ...hosts].map(withoutPort),
	);
	app.addHook('onRequest', async ({ headers, raw, routeOptions }) => {
		const asked = authorityOf(raw.url ?? '') ?? headers.host;
		// HTTP/1.0 has none, and no browser speaks it.
		if (asked === undefined || ANY_HOST.has(routeOptions.url ?? '')) return;
		const host = withoutPort(asked);
		if (host !== undefined && (isOwn(host) || known.has(host))) return;
		const setting =
			host === undefined
				? ''
				: `; to answer to it, add "${host}" to security.hosts or set public_url`;
		throw new Problem(421, `The runner is not known by this Host${setting}`);
	});
}

/** The host of a target in absolute form, which counts before `Host` (RFC 9112 §3.2.2). */
const authorityOf = (target: string): string | undefined =>
	/^https?:\/\/([^/?#]*)/i.exec(target)?.[1];

function isOwn(host: string): boolean {
	return isAddress(host) || !host.includes('.') || host.endsWith('.localhost');
}

/** The host of a `Host` header in canonical spelling; undefined when it is invalid. */
function withoutPort(text: string): string | undefined {
	return canonicalHost(text.replace(/:\d*$/, ''));
}
