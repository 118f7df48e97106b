/** Limits on the headers of an endpoint, which every request carries. */
export const MOST_HEADERS = 16;
const LONGEST_VALUE = 2048;

/** A field name (RFC 9110 §5.6.2). */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;
/** A field value of visible ASCII, with spaces and tabs inside (RFC 9110 §5.5). */
const VALUE = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;

/** Headers of the request itself (RFC 9110 §7 and §8, RFC 9112 §6 and §9) and of its body. */
const RESERVED = new Set([
	'connection',
	'content-encoding',
	'content-length',
	'content-type',
	'date',
	'expect',
	'host',
	'keep-alive',
	'proxy-connection',
	'te',
	'trailer',
	'transfer-encoding',
	'upgrade',
]);
/** Headers in which the profiles put ids, timestamps and signatures. */
const RESERVED_PREFIXES = [
	'webhook-',
	'svix-',
	'x-oneping-',
	'x-onepush-',
	'x-otpiq-',
	'x-pingram-',
	'x-sureping-',
];

/** The mistakes in the headers of an endpoint, each as the header's name and the change that mends it. */
export function refuseHeaders(
	headers: Readonly<Record<string, string>>,
): readonly { readonly name: string; readonly message: string }[] {
	const names = Object.keys(headers);
	const seen = new Set<string>();
	const problems = names.slice(0, MOST_HEADERS).flatMap((name) => {
		const lower = name.toLowerCase();
		const problem = refuseHeader(name, headers[name] ?? '', seen.has(lower));
		seen.add(lower);
		return problem === undefined ? [] : [{ name, message: problem }];
	});
	return names.length > MOST_HEADERS
		? [...problems, { name: '', message: `must be at most ${MOST_HEADERS}` }]
		: problems;
}

function refuseHeader(name: string, value: string, isTwin: boolean): string | undefined {
	const lower = name.toLowerCase();
	if (!NAME.test(name)) return 'must be the name of a header: letters, digits and hyphens';
	if (RESERVED.has(lower) || RESERVED_PREFIXES.some((prefix) => lower.startsWith(prefix))) {
		return 'is reserved: every webhook has its own';
	}
	if (isTwin) return 'is there twice';
	if (value.length > LONGEST_VALUE) return `must have at most ${LONGEST_VALUE} characters`;
	return VALUE.test(value) ? undefined : 'must be printable ASCII';
}
