import { type LookupAddress, lookup as systemLookup, type LookupAllOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';

type LookupAll = (
	host: string,
	options: LookupAllOptions,
	callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Resolves names by the system, one lookup per name at a time, shared by all callers. Node makes lookups in its file
 * threads, two at once: with a lookup for each attempt, a name whose servers hang would hold up every other.
 */
export function sharedLookup(lookup: LookupAll = systemLookup): LookupFunction {
	const underWay = new Map<string, Promise<LookupAddress[]>>();
	const addressesOf = (host: string, options: LookupAllOptions): Promise<LookupAddress[]> => {
		const key = `${host} ${options.family ?? 0} ${options.hints ?? 0}`;
		const shared =
			underWay.get(key) ??
			new Promise<LookupAddress[]>((resolve, reject) => {
				lookup(host, options, (error, addresses) => (error ? reject(error) : resolve(addresses)));
			}).finally(() => underWay.delete(key));
		underWay.set(key, shared);
		return shared;
	};
	return (host, { all, ...options }, callback) => {
		addressesOf(host, { ...options, all: true }).then(
			(addresses) => {
				const [first] = addresses;
				if (all) callback(null, addresses);
				else if (first) callback(null, first.address, first.family);
				else
					callback(Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' }), '');
			},
			(error: NodeJS.ErrnoException) => callback(error, ''),
		);
	};
}
