/**
 * Mistakes of people, frameworks and proxies with signed webhooks, each as a sentence for the person who looks for it.
 */
const MISTAKES = {
	// The secret.
	secret_has_white_space: 'The secret has white space around it that does not belong to it',
	secret_has_quotes: 'The secret has quotes around it that do not belong to it',
	secret_lacks_prefix: 'The sender’s secret begins with "whsec_", and this one lacks it',
	secret_lacks_padding:
		'The sender’s secret ends with "=", and this one lacks it: a double click does not select it',
	signed_without_prefix:
		'The sender left out the "whsec_" of its secret; all of the text is the key',
	signed_with_decoded_secret:
		'The sender decoded its secret from base64 or hex before signing; the text itself is the key',
	signed_with_line_break:
		'The sender’s secret ends with a line break, as one read from a file does',
	signed_with_unset_secret:
		'The sender’s secret is not set: it signed with an empty text, or with a word such as "undefined" or "null"',

	// The body.
	body_reserialised:
		'The body was parsed and written again on its way, with other white space; it must arrive as it was sent',
	body_written_by_python:
		'The signature is over the body as Python’s json.dumps writes it (signature_input python-json), and the body came compact',
	body_escaped_otherwise:
		'The body was parsed and written again on its way, with other escapes (\\u… or \\/); it must arrive as it was sent',
	body_keys_reordered:
		'The body was parsed and written again on its way, with its names in another order; it must arrive as it was sent',
	body_has_added_line_break: 'A line break was added after the body, as an editor or echo does',
	body_lost_line_break: 'The line break at the end of the body was lost on its way',
	body_line_ends_changed: 'Line ends in the body were changed from LF to CRLF or back',
	body_has_byte_order_mark: 'A byte order mark was put in front of the body',
	body_is_cut: 'The body is shorter than its Content-Length says: it was cut off',
	body_is_longer: 'The body is longer than its Content-Length says: something was added to it',
	body_is_compressed: 'The body is still compressed; the signature is over what it inflates to',

	// The signature.
	signature_is_base64: 'The signature is written in base64; it has to be hex',
	signature_lacks_prefix: 'The signature lacks the "sha256=" in front of it',
	signature_has_other_prefix: 'The signature has another prefix than "sha256="',
	signature_has_quotes: 'The signature has quotes or white space inside its header',
	signature_is_a_list: 'The header holds several values; one signature has to come alone',
	signature_is_cut: 'The signature is too short: it was cut off',
	signature_is_sha1: 'The signature is HMAC-SHA1; it has to be HMAC-SHA256',
	signature_is_sha512: 'The signature is HMAC-SHA512; it has to be HMAC-SHA256',
	signed_body_only:
		'The signature covers the body alone (signature_input body-only); it has to cover "timestamp.body"',
	signed_with_other_separator:
		'The signature covers timestamp and body without exactly one dot between them',
	signed_as_standard_webhooks:
		'The signature covers "id.timestamp.body", as Standard Webhooks and Svix have it',

	// The headers.
	header_has_other_name: 'The value came under another header’s name',
	header_came_twice: 'The header came more than once; a proxy may have added its own',
	webhook_of_another: 'The headers are those of another sender; choose its provider',
	not_signed:
		'No header looks like a signature: the sender does not sign, or a proxy takes headers away',

	// The time.
	timestamp_in_milliseconds: 'The timestamp is in milliseconds; it has to be in seconds',
	timestamp_is_a_date: 'The timestamp is written as a date; it has to be in unix seconds',
	timestamp_has_a_fraction: 'The timestamp has a fraction; it has to be in whole seconds',
	timestamp_has_white_space: 'The timestamp has white space or a sign around its digits',
	clock_is_off:
		'The rest is right: a clock is off, here or at the sender, or the request was kept and sent again',
} as const;

export type MistakeCode = keyof typeof MISTAKES;

export interface Mistake {
	readonly code: MistakeCode;
	readonly message: string;
}

export function mistake(code: MistakeCode, detail?: string): Mistake {
	return { code, message: MISTAKES[code] + (detail ? ` (${detail})` : '') };
}
