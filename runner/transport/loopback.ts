import { isAddress, specialKind } from './address-kind.ts';
import { hostOf, isLocalhost } from './host-name.ts';

/** True for an address that means the machine that calls it. */
export function isLoopback(url: URL): boolean {
	const host = hostOf(url);
	if (isAddress(host)) return ['loopback', 'unspecified'].includes(specialKind(host) ?? '');
	return isLocalhost(host);
}
