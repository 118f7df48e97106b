const MIB = 1024 * 1024;

/** `unit` as often as it fits between the two, in at most 1 MiB. */
function filled(before: string, unit: string, after: string, separator = ''): string {
	const room = MIB - before.length - after.length;
	const times = Math.floor((room + separator.length) / (unit.length + separator.length));
	return before + new Array(times).fill(unit).join(separator) + after;
}

/** As many members with names of their own as fit. */
function named(before: string, value: string, after: string, nameLength = 1): string {
	const members: string[] = [];
	let size = before.length + after.length;
	for (let i = 0; ; i++) {
		const member = `"${i.toString(36).padStart(nameLength, 'n')}":${value}`;
		size += member.length + 1;
		if (size > MIB) return before + members.join(',') + after;
		members.push(member);
	}
}

const SEND = '{"message":"x","channels":["console"],';

/** Bodies of up to 1 MiB that cost a careless reader much; the names say how. */
export const BODIES: Readonly<Record<string, () => string | Buffer>> = {
	'nothing but [': () => filled('', '[', ''),
	'nothing but {"a":': () => filled('', '{"a":', ''),
	'lists, 100 deep, side by side': () => filled('[', '['.repeat(98) + ']'.repeat(98), ']', ','),
	'lists, 101 deep, side by side': () => filled('[', '['.repeat(101) + ']'.repeat(101), ']', ','),
	'half a million numbers': () => filled('[', '1', ']', ','),
	'an escape and half a million numbers': () => filled('{"x":"\\u0050","a":[', '1', ']}', ','),
	'empty objects': () => filled('[', '{}', ']', ','),
	'empty lists': () => filled('[', '[]', ']', ','),
	'many keys': () => named('{', '1', '}'),
	'many long keys': () => named('{', '1', '}', 24),
	'the same key again and again': () => filled('{', '"a":1', '}', ','),
	'nothing but commas': () => filled('', ',', ''),
	'nothing but colons': () => filled('{', ':', '}'),
	'nothing but quotes': () => filled('', '"', ''),
	'nothing but backslashes': () => filled('"', '\\\\', '"'),
	'white space': () => filled('', ' ', ''),
	'a text without an end': () => filled('"', 'x', ''),
	'letters as escapes': () => filled('"', '\\u0050', '"'),
	'names as escapes': () => named('{', '1', '}', 3).replaceAll('"nn', '"\\u006e'),
	'surrogate pairs as escapes': () => filled('"', '\\ud83d\\ude00', '"'),
	'halves of surrogate pairs': () => filled('{"message":[', '"\\ud83d"', ']}', ','),
	'NULs as escapes': () => filled('{"metadata":{"a":[', '"\\u0000"', ']}}', ','),
	'a number of a million digits': () => filled('{"message":', '1', '}'),
	'long numbers': () => filled('[', '1'.repeat(400), ']', ','),
	'numbers with exponents': () => filled('[', '1e308', ']', ','),
	'numbers that lose digits': () =>
		filled('{"metadata":{"a":[', '12345678901234567890', ']}}', ','),
	'__proto__ everywhere': () => filled('[', '{"__proto__":1}', ']', ','),
	'an escaped __proto__ everywhere': () => filled('[', '{"\\u005f_proto__":1}', ']', ','),
	'constructor.prototype everywhere': () =>
		filled('[', '{"constructor":{"prototype":1}}', ']', ','),
	'__proto__ and white space': () => filled('{"__proto__"', ' ', ':1}'),
	'bytes that are no UTF-8': () => Buffer.alloc(MIB, 0xff),
	'a NUL for every byte': () => Buffer.alloc(MIB),
	'letters of three bytes': () => Buffer.from(filled('"', '…', '"').slice(0, MIB / 3)),
	'channels that are numbers': () => filled('{"message":"x","channels":[', '1', ']}', ','),
	'channels that are objects': () => filled('{"message":"x","channels":[', '{}', ']}', ','),
	'one endless channel': () => filled('{"message":"x","channels":["', 'a', '"]}'),
	'one endless channel of colons': () => filled('{"message":"x","channels":["a', ':', '"]}'),
	'fallbacks that are numbers': () => filled(`${SEND}"fallback_channels":[`, '1', ']}', ','),
	'a recipient of many members': () => named(`${SEND}"recipient":{`, '"x"', '}}'),
	'a recipient that is a list': () => filled(`${SEND}"recipient":[`, '1', ']}', ','),
	'an endless recipient': () => filled(`${SEND}"recipient":"`, 'a@', '"}'),
	'metadata of many members': () => named(`${SEND}"metadata":{`, '1', '}}'),
	'metadata of 1,900 members': () =>
		`${SEND}"metadata":{${Array.from({ length: 1_900 }, (_, i) => `"k${i}":"${'v'.repeat(500)}"`).join(',')}}}`,
	'metadata of 49,000 values': () =>
		`${SEND}"metadata":{"a":[${new Array(49_000).fill('"0123456789abcde"').join(',')}]}}`,
	'delays that are texts': () => filled(`${SEND}"retry":{"delays_s":[`, '""', ']}}', ','),
	'an endless URL': () => filled(`${SEND}"callback_url":"https://example.com/`, '%41', '"}'),
	'an endless host': () => filled(`${SEND}"callback_url":"https://`, 'a.', '"}'),
	'an endless time': () => filled(`${SEND}"send_at":"2030-01-01T00:00:00.`, '0', 'Z"}'),
	'an endless idempotency key': () => filled(`${SEND}"idempotency_key":"`, 'k', '"}'),
	'an endless subject': () => filled(`${SEND}"subject":"`, 's', '"}'),
	'an endless message': () => filled('{"channels":["console"],"message":"', 'm', '"}'),
	'a message of white space': () => filled('{"channels":["console"],"message":"', ' ', '"}'),
	'unknown fields': () => named(SEND, '1', '}'),
	headers: () => named('{"name":"x","url":"https://example.com/","headers":{', '"v"', '}}'),
	'events that are numbers': () =>
		filled('{"name":"x","url":"https://example.com/","events":[', '1', ']}', ','),
	'types that are numbers': () => filled('{"types":[', '1', ']}', ','),
	'a batch of numbers': () => filled('{"sends":[', '1', ']}', ','),
	'a batch of 1,000 bad sends': () =>
		`{"sends":[${new Array(1_000).fill(`{${Array.from({ length: 100 }, (_, i) => `"${i}":1`).join(',')}}`).join(',')}]}`,
	'a batch of one send with channels that are numbers': () =>
		filled('{"sends":[{"message":"x","channels":[', '1', ']}]}', ','),
	'a batch of 1,000 good sends': () =>
		`{"sends":[${new Array(1_000).fill('{"message":"x","channels":["console"]}').join(',')}]}`,
	'lists beside the batch': () => filled('{"sends":[],"x":[', '[]', ']}', ','),
};
