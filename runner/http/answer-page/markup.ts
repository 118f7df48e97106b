/** HTML that is safe to send: every text in it was escaped. */
export class Markup {
	readonly text: string;

	constructor(text: string) {
		this.text = text;
	}
}

type Part = string | number | Markup | readonly Markup[] | undefined;

/** A template of HTML. Values are escaped, but for those that are markup already; undefined leaves nothing. */
export function markup(parts: TemplateStringsArray, ...values: readonly Part[]): Markup {
	const written = parts.map((part, i) => part + (i < values.length ? markupOf(values[i]) : ''));
	return new Markup(written.join(''));
}

function markupOf(value: Part): string {
	if (value === undefined) return '';
	if (value instanceof Markup) return value.text;
	if (typeof value === 'string' || typeof value === 'number') return escaped(String(value));
	return value.map(({ text }) => text).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '');
