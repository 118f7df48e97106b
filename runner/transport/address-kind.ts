import ipaddr from 'ipaddr.js';

type Address = ReturnType<typeof ipaddr.parse>;

/** The only block of IPv6 for the public Internet (IANA, "IPv6 Global Unicast Address Space"). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/** An IPv4 address behind the well-known NAT64 prefix: a gateway calls that IPv4 address (RFC 6052 §2.1). */
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/** An address at which a cloud serves credentials, although it is in no special block (Azure's "wire server"). */
const METADATA: ReadonlySet<string> = new Set(['168.63.129.16']);

/** The address that a connection really goes to: of an IPv4 address written as IPv6, the IPv4 address. */
export function calledAddress(text: string): Address {
	const address = ipaddr.process(text);
	if (address instanceof ipaddr.IPv6 && address.match(NAT64)) {
		return ipaddr.fromByteArray(address.toByteArray().slice(12));
	}
	return address;
}

/**
 * The reason why an address is not public (`loopback`, `private`, `linkLocal`, …); undefined for a public one. The
 * blocks are those of IANA's special-purpose registries (RFC 6890).
 */
export function specialKind(text: string): string | undefined {
	const address = calledAddress(text);
	if (METADATA.has(address.toString())) return 'metadata';
	const kind = address.range();
	if (kind !== 'unicast') return kind;
	// Includes ::/96, in which ::127.0.0.1 once meant an IPv4 address (RFC 4291 §2.5.5.1).
	return address instanceof ipaddr.IPv6 && !address.match(GLOBAL_UNICAST) ? 'reserved' : undefined;
}

export function isAddress(host: string): boolean {
	return ipaddr.isValid(host);
}

/** CIDR blocks, as `allow_networks` lists them. */
export class Networks {
	private readonly blocks: readonly [Address, number][];

	constructor(cidrs: readonly string[]) {
		this.blocks = cidrs.map((cidr) => ipaddr.parseCIDR(cidr));
	}

	get isEmpty(): boolean {
		return this.blocks.length === 0;
	}

	include(text: string): boolean {
		const address = calledAddress(text);
		return this.blocks.some(
			([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
		);
	}
}
