/** 10 to 15 digits with the country code and without a plus (docs.otpiq.com, "Send SMS"). No country code starts with 0. */
const DIGITS = /^[1-9]\d{9,14}$/;

/**
 * A phone number as people write it ("+964 750 123 4567", "00964-750-1234567") in international digits; undefined when
 * it has no country code or is no phone number.
 */
export function internationalDigits(written: string): string | undefined {
	const digits = written
		.trim()
		.replace(/^(\+|00)/, '')
		.replace(/[\s().\-/\u2010-\u2015\u00a0]/g, '');
	return DIGITS.test(digits) ? digits : undefined;
}
