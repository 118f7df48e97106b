/** Systems whose webhooks are verified: the id on the wire, and n8n's spelling of it. */
export const PROVIDERS = {
	sureping: { parameter: 'sureping', title: 'Sureping Runner' },
	'one-ping': { parameter: 'onePing', title: 'One-Ping' },
} as const;

export type ProviderId = keyof typeof PROVIDERS;

export function isProviderId(text: string): text is ProviderId {
	return Object.hasOwn(PROVIDERS, text);
}

/** The provider behind a node parameter's value, such as `onePing`. */
export function providerOfParameter(parameter: string): ProviderId | undefined {
	return Object.keys(PROVIDERS)
		.filter(isProviderId)
		.find((id) => PROVIDERS[id].parameter === parameter);
}
