import { memoized } from '@sureping/engine';
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isAddress, Networks, specialKind } from './address-kind.ts';
import { createGuardedNames, type Resolver } from './guarded-names.ts';
import { canonicalHost, hostOf, isLocalhost, isPrivateName } from './host-name.ts';
import { isRefusedPort } from './refused-ports.ts';

export interface SecuritySettings {
	readonly allow_http: boolean;
	readonly allow_hosts: readonly string[];
	/** CIDR blocks. */
	readonly allow_networks: readonly string[];
}

/** Longest time that a caller waits for a lookup; milliseconds. A slower name is checked when it is called. */
const LONGEST_LOOKUP_MS = 5_000;

type Scheme = 'http:' | 'https:';

/** A host that must not be called; the message names the setting that would allow it. */
export class RefusedAddress extends Error {
	override readonly name = 'RefusedAddress';
}

/**
 * Keeps URLs of API callers away from the runner's own network (server-side request forgery, OWASP's SSRF prevention
 * cheat sheet): HTTPS only, and only public addresses, checked on what a name resolves to at the moment of connecting.
 * Hosts and networks that the operator allows pass, over HTTP as well.
 */
export class UrlGuard {
	private readonly allowHttp: boolean;
	private readonly hosts: ReadonlySet<string>;
	private readonly networks: Networks;
	private readonly resolveGuarded: Resolver;
	private readonly resolveAllowed: Resolver;

	/** `allowed` resolves the hosts that the operator allows; by default the same as `guarded`. */
	constructor(
		settings: SecuritySettings,
		guarded: Resolver = createGuardedNames(),
		allowed: Resolver = guarded,
	) {
		this.allowHttp = settings.allow_http;
		this.hosts = new Set(settings.allow_hosts.map((host) => canonicalHost(host) ?? host));
		this.networks = new Networks(settings.allow_networks);
		this.resolveGuarded = guarded;
		this.resolveAllowed = allowed;
	}

	/** The reason to refuse this URL as it is written, or undefined. Names are checked when they are resolved. */
	readonly refuseSpelling = memoized((text) => this.refusalOfSpelling(text));

	private refusalOfSpelling(text: string): string | undefined {
		// URL parsing silently drops line breaks and tabs, so the stored URL would not be the one that is called.
		if (/[\s\p{Cc}]/u.test(text)) return 'must not hold spaces or control characters';
		if (!URL.canParse(text)) return 'must be an absolute URL';
		const url = new URL(text);
		if (!isScheme(url.protocol)) return 'must be an https URL';
		if (url.username || url.password) return 'must not hold a user name or password';
		const host = hostOf(url);
		if (this.hosts.has(host)) return undefined;
		if (isRefusedPort(url.port)) {
			return `must not use port ${url.port}, which is not for HTTP; ${toAllow(host)}`;
		}
		if (isAddress(host)) return this.refuseAddress(host, host, url.protocol);
		// Over http a name can still pass if it resolves into an allowed network.
		return this.networks.isEmpty ? this.refuseScheme(host, url.protocol) : undefined;
	}

	/**
	 * Like `refuseSpelling`, and checks what the name resolves to now. A name that does not resolve now may do so
	 * later, unless it is one that only this network could know. `owner` is the API key that gave the URL. A refusal
	 * does not reveal what names of this network resolve to.
	 */
	async refuse(text: string, owner?: string): Promise<string | undefined> {
		const refusal = this.refuseSpelling(text);
		if (refusal) return refusal;
		const url = new URL(text);
		const host = hostOf(url);
		if (this.hosts.has(host) || isAddress(host) || !isScheme(url.protocol)) return undefined;
		const isPrivate = isPrivateName(host);
		// No address that it could resolve to is allowed.
		if (isPrivate && this.networks.isEmpty) return privateName(host);
		const addresses = await addressesWithin(LONGEST_LOOKUP_MS, this.resolveGuarded(host, owner));
		if (isPrivate) {
			const isAllowed = ({ address }: LookupAddress): boolean => this.networks.include(address);
			const isFound = addresses.length > 0 && addresses.every(isAllowed);
			return isFound ? undefined : privateName(host);
		}
		return addresses.length > 0
			? this.refuseAddresses(host, addresses, url.protocol)
			: this.refuseScheme(host, url.protocol);
	}

	/**
	 * The `lookup` of `net.connect` for a scheme: resolves a name and passes on only addresses that were checked, so
	 * that nothing can change between check and connection.
	 */
	lookupFor(scheme: Scheme): LookupFunction {
		return (hostname, { all, family }, callback) => {
			const host = canonicalHost(hostname) ?? hostname;
			const resolve = this.hosts.has(host) ? this.resolveAllowed : this.resolveGuarded;
			resolve(host).then(
				(found) => {
					const refusal = this.hosts.has(host)
						? undefined
						: this.refuseAddresses(host, found, scheme);
					if (refusal) return callback(new RefusedAddress(refusal), '', 4);
					const fit = found.filter((one) => !isFamily(family) || one.family === family);
					const [first] = fit;
					if (!first) return callback(new NoAddress(host), '', 4);
					return all ? callback(null, fit) : callback(null, first.address, first.family);
				},
				(error: Error) => callback(error, '', 4),
			);
		};
	}

	private refuseAddresses(
		host: string,
		addresses: readonly LookupAddress[],
		scheme: Scheme,
	): string | undefined {
		const outside = addresses.filter(({ address }) => !this.networks.include(address));
		if (outside.some(({ address }) => specialKind(address) !== undefined)) {
			return `does not lead to a public address; ${toAllow(host)}`;
		}
		return outside.length > 0 ? this.refuseScheme(host, scheme) : undefined;
	}

	private refuseAddress(host: string, address: string, scheme: Scheme): string | undefined {
		if (this.networks.include(address)) return undefined;
		const kind = specialKind(address);
		if (kind) return `leads to a ${kind} address; ${toAllow(host)}`;
		return this.refuseScheme(host, scheme);
	}

	private refuseScheme(host: string, scheme: Scheme): string | undefined {
		return scheme === 'https:' || this.allowHttp
			? undefined
			: `must use https; to allow this host over http, add "${host}" to security.allow_hosts, or set security.allow_http`;
	}
}

class NoAddress extends Error {
	override readonly name = 'NoAddress';
	readonly code = 'ENOTFOUND';

	constructor(host: string) {
		super(`${host} has no address`);
	}
}

const privateName = (host: string): string =>
	isLocalhost(host)
		? `leads to a loopback address; ${toAllow(host)}`
		: `is a name of a private network; ${toAllow(host)}`;

const toAllow = (host: string): string =>
	`to allow this host, add "${host}" to security.allow_hosts`;

function isScheme(protocol: string): protocol is Scheme {
	return protocol === 'https:' || protocol === 'http:';
}

function isFamily(family: unknown): family is 4 | 6 {
	return family === 4 || family === 6;
}

/** The addresses; none if the lookup fails or takes too long. */
async function addressesWithin(
	limitMs: number,
	addresses: Promise<readonly LookupAddress[]>,
): Promise<readonly LookupAddress[]> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<readonly LookupAddress[]>((resolve) => {
		timer = setTimeout(resolve, limitMs, []);
	});
	try {
		return await Promise.race([addresses.catch(() => []), late]);
	} finally {
		clearTimeout(timer);
	}
}
