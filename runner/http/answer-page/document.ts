import { Markup, markup } from './markup.ts';
import { STYLE } from './style.ts';

const LOGO = markup`<svg viewBox="0 0 60 60" aria-hidden="true">
<path class="bell" d="M30 6a3.5 3.5 0 0 1 3.5 3.5v1.3C41 12.4 46 18.7 46 26.5V36l4.3 5.6c1.3 1.7.1 4.4-2.1 4.4H11.8c-2.2 0-3.4-2.7-2.1-4.4L14 36v-9.5c0-7.8 5-14.1 12.5-15.7V9.5A3.5 3.5 0 0 1 30 6Z"/>
<path class="clapper" d="M23 49h14a7 7 0 0 1-14 0Z"/>
<path class="check" d="m21.5 29 6.3 6.3L39 24"/>
</svg>`;

/** The text of a style element is not escaped: the policy knows its digest. */
const STYLE_ELEMENT = new Markup(`<style>${STYLE}</style>`);

/** A whole page. */
export function documentOf(title: string, content: Markup): string {
	const { text } = markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="format-detection" content="telephone=no">
<title>${title}</title>
${STYLE_ELEMENT}
</head>
<body>
<header>${LOGO}<span>Sureping</span></header>
<main>
${content}
</main>
</body>
</html>
`;
	return text;
}

/** A page that only says something. */
export function noticePage(title: string, detail: string): string {
	return documentOf(title, markup`<h1>${title}</h1>\n<p>${detail}</p>`);
}
