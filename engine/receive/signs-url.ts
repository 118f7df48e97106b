import { type GenericRules, signedPieces } from './providers/generic/rules.ts';
import { type ProviderId, PROVIDERS } from './providers/index.ts';

/** True when a proof needs the URL as the provider called it; `rules` are those of `generic`. */
export function signsUrl(provider: ProviderId, rules?: GenericRules): boolean {
	if (PROVIDERS[provider].scheme.signsUrl) return true;
	if (rules === undefined || rules.algorithm === 'none') return false;
	return signedPieces(rules.signedContent).some(
		(piece) => 'place' in piece && piece.place === 'url',
	);
}
