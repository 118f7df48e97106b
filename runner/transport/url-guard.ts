import { lookup as resolve, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

export interface SecuritySettings {
	readonly allow_http: boolean;
	readonly allow_hosts: readonly string[];
	/** CIDR blocks. */
	readonly allow_networks: readonly string[];
}

/** A host that must not be called; the message names the setting that would allow it. */
export class RefusedAddress extends Error {
	override readonly name = 'RefusedAddress';
}

/**
 * Keeps URLs that came from API callers away from the runner's own network (server-side request forgery, OWASP's
 * SSRF prevention cheat sheet): HTTPS only, and no address but a public one, checked on what a name resolves to at the
 * moment of connecting. A host or network that the operator allows passes, over HTTP too.
 */
export class UrlGuard {
	private readonly settings: SecuritySettings;
	private readonly networks: ReturnType<typeof ipaddr.parseCIDR>[];

	constructor(settings: SecuritySettings) {
		this.settings = settings;
		this.networks = settings.allow_networks.map((cidr) => ipaddr.parseCIDR(cidr));
	}

	/** Why this URL is refused as it is written, or undefined. Names are checked when they are resolved. */
	refuseSpelling(text: string): string | undefined {
		if (!URL.canParse(text)) return 'must be an absolute URL';
		const { protocol, hostname, username, password } = new URL(text);
		if (protocol !== 'https:' && protocol !== 'http:') return 'must be an https URL';
		if (username || password) return 'must not hold a user name or password';
		const host = hostname.replace(/^\[|\]$/g, '');
		if (this.isAllowedHost(host)) return undefined;
		const address = ipaddr.isValid(host) ? host : undefined;
		if (address) {
			const refusal = this.refuseAddress(host, address);
			if (refusal) return refusal;
		}
		if (protocol === 'http:' && !this.settings.allow_http && !this.isAllowedAddress(address)) {
			return `must use https; to allow this host over http, add "${host}" to security.allow_hosts, or set security.allow_http`;
		}
		return undefined;
	}

	/** As `refuseSpelling`, and on what the name resolves to now. A name that does not resolve now may do so later. */
	async refuse(text: string): Promise<string | undefined> {
		const refusal = this.refuseSpelling(text);
		if (refusal) return refusal;
		const host = new URL(text).hostname.replace(/^\[|\]$/g, '');
		if (this.isAllowedHost(host) || ipaddr.isValid(host)) return undefined;
		const addresses = await new Promise<readonly LookupAddress[]>((done) => {
			resolve(host, { all: true }, (error, found) => done(error ? [] : found));
		});
		return addresses
			.map(({ address }) => this.refuseAddress(host, address))
			.find((reason) => reason !== undefined);
	}

	/** For `net.connect`: resolves a name and gives on only addresses that were checked, so nothing changes in between. */
	readonly lookup: LookupFunction = (hostname, options, callback) => {
		resolve(hostname, { ...options, all: true }, (error, found) => {
			if (error) return callback(error, '', 4);
			const refusal = this.isAllowedHost(hostname)
				? undefined
				: found
						.map(({ address }) => this.refuseAddress(hostname, address))
						.find((reason) => reason !== undefined);
			if (refusal) return callback(new RefusedAddress(refusal), '', 4);
			if (options.all) return callback(null, found);
			const [first] = found;
			return first
				? callback(null, first.address, first.family)
				: callback(new Error('no address'), '', 4);
		});
	};

	private refuseAddress(host: string, address: string): string | undefined {
		if (this.isAllowedAddress(address)) return undefined;
		// `process` turns an IPv4 address in IPv6 clothes into the IPv4 address that would be called.
		const kind = ipaddr.process(address).range();
		if (kind === 'unicast') return undefined;
		return `leads to a ${kind} address; to allow this host, add "${host}" to security.allow_hosts`;
	}

	private isAllowedHost(host: string): boolean {
		return this.settings.allow_hosts.some(
			(allowed) => allowed.toLowerCase() === host.toLowerCase(),
		);
	}

	private isAllowedAddress(address: string | undefined): boolean {
		if (address === undefined) return false;
		const parsed = ipaddr.process(address);
		return this.networks.some(
			([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits),
		);
	}
}
