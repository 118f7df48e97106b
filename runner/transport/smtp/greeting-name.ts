import { hostname, networkInterfaces } from 'node:os';
import { isIP, isIPv6 } from 'node:net';
import { canonicalHost, isPrivateName } from '../host-name.ts';

/**
 * The name for EHLO (RFC 5321 §4.1.1.1): the one that the connection gives, else that of this machine if others can
 * know it, else an address in brackets (§4.1.3). Servers refuse made-up names and loopback addresses.
 */
export function greetingName(
	given: string | undefined,
	machine: string = hostname(),
	addresses: readonly string[] = ownAddresses(),
): string {
	if (given !== undefined) return isIP(given) ? literal(given) : given;
	const name = canonicalHost(machine);
	if (name !== undefined && !isIP(name) && !isPrivateName(name)) return name;
	return literal(addresses[0] ?? '127.0.0.1');
}

const literal = (address: string): string =>
	isIPv6(address) ? `[IPv6:${address}]` : `[${address}]`;

/** Addresses by which other machines may reach this one; IPv4 first. */
function ownAddresses(): string[] {
	return Object.values(networkInterfaces())
		.flatMap((ones) => ones ?? [])
		.filter(({ internal, scopeid }) => !internal && !scopeid)
		.sort((a, b) => a.family.localeCompare(b.family))
		.map(({ address }) => address);
}
