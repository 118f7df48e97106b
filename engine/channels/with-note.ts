import { firstCharacters } from '../graphemes.ts';
import type { OutgoingMessage } from './channel.ts';

type Content = Pick<OutgoingMessage, 'subject' | 'text'>;

/** A message's content with a line below it. What comes before gives way where the whole would be too long. */
export function withNote(
	{ subject, text }: Content,
	note: string,
	fits: (content: Content) => boolean,
): Content {
	const noted = (before: string): Content => ({
		subject,
		text: before === '' ? note : `${before}\n\n${note}`,
	});
	if (fits(noted(text))) return noted(text);
	let kept = 0;
	// The longest start of the text that fits: a shorter one always fits where a longer one does.
	for (let step = 2 ** Math.floor(Math.log2(text.length + 1)); step >= 1; step /= 2) {
		if (fits(noted(firstCharacters(text, kept + step)))) kept += step;
	}
	return noted(firstCharacters(text, kept));
}
