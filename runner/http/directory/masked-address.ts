import type { ApiKey } from '../../config/config.ts';

/** Characters that stay at each end, and the shortest address of which that is less than half. */
const SHOWN = 2;
const SHORTEST = 9;

/**
 * An address of a contact as it is shown to a key. Without the scope `manage` only its two first and two last characters
 * are, as in "an…om", and of a short one the first: enough to recognise an address that is known.
 */
export function shownAddress(address: string, { scopes }: Pick<ApiKey, 'scopes'>): string {
	if (scopes.includes('manage') || scopes.includes('admin')) return address;
	const characters = [...address];
	if (characters.length < SHORTEST) return characters.length > 1 ? `${characters[0]}…` : '…';
	return `${characters.slice(0, SHOWN).join('')}…${characters.slice(-SHOWN).join('')}`;
}
