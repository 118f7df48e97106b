/**
 * The addresses in a text such as `Ada <ada@example.com>, bob@example.com` (RFC 5322 §3.4), without names. A comma in
 * quotes or brackets separates nothing.
 */
export function mailAddresses(text: string): readonly string[] {
	const found = mailboxes(text).map(addressOf);
	return [...new Set(found.filter((address) => address !== ''))];
}

function mailboxes(text: string): readonly string[] {
	const parts: string[] = [];
	let start = 0;
	let inQuotes = false;
	let inBrackets = false;
	for (let i = 0; i < text.length; i++) {
		const letter = text[i];
		if (inQuotes && letter === '\\') i++;
		else if (letter === '"') inQuotes = !inQuotes;
		else if (inQuotes) continue;
		else if (letter === '<') inBrackets = true;
		else if (letter === '>') inBrackets = false;
		else if (letter === ',' && !inBrackets) {
			parts.push(text.slice(start, i));
			start = i + 1;
		}
	}
	return [...parts, text.slice(start)];
}

function addressOf(mailbox: string): string {
	const open = mailbox.lastIndexOf('<');
	const close = mailbox.indexOf('>', open);
	return (open >= 0 && close > open ? mailbox.slice(open + 1, close) : mailbox).trim();
}
