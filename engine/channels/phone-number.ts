/** ITU-T E.164: a plus, the country code, at most 15 digits in all. */
const E164 = /^\+[1-9]\d{6,14}$/;

/** The mistake in a phone number, or undefined when there is none. */
export function refusePhoneNumber(recipient: string): string | undefined {
	return E164.test(recipient)
		? undefined
		: 'must be a phone number in international form, such as "+4915112345678"';
}
