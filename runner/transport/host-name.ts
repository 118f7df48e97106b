/**
 * The canonical spelling of a host, for comparisons: lower case, Punycode, dotted decimal for every form of an IPv4
 * address (WHATWG URL §3.5), IPv6 without brackets, no dot at the end. Undefined for an invalid host.
 */
export function canonicalHost(text: string): string | undefined {
	const bare = text.replace(/^\[|\]$/g, '');
	const url = `http://${bare.includes(':') ? `[${bare}]` : bare}/`;
	if (!/^[^\s/?#@\\*]+$/.test(bare) || !URL.canParse(url)) return undefined;
	return hostOf(new URL(url)) || undefined;
}

export function hostOf({ hostname }: URL): string {
	return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

/** True for the names of the machine itself, for which no name server is asked (RFC 6761 §6.3). */
export function isLocalhost(host: string): boolean {
	return host === 'localhost' || host.endsWith('.localhost');
}

/** Names that no public server can have: RFC 6761 §6.3, RFC 6762 §3, RFC 8375, and `internal` (ICANN, 2024). */
const PRIVATE_SUFFIXES = ['localhost', 'local', 'internal', 'home.arpa'];

/** True for a name that can only belong to the operator's own network. Names without a dot do, too (ICANN SSAC 053). */
export function isPrivateName(host: string): boolean {
	return (
		!host.includes('.') ||
		PRIVATE_SUFFIXES.some((suffix) => host === suffix || host.endsWith(`.${suffix}`))
	);
}
