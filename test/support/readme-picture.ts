/** The parts of the picture at the head of the README; pictures are data URLs. */
export interface Scene {
	/** The workflow that sends, after it ran. */
	readonly sent: string;
	/** The events of its notification. */
	readonly steps: readonly Step[];
	/** The workflow that pages, after it ran. */
	readonly paged: string;
	/** The message to the person on call. */
	readonly page: string;
}

/** A delivery event, as `GET /notifications/{id}` lists it. */
export interface Step {
	readonly event: string;
	readonly channel?: string;
	readonly error?: { readonly message: string };
}

export const PICTURE_SIZE = { width: 1120, height: 555 };

const STYLE = `
	body { margin: 0; padding: 20px; background: #fff; color: #1f2430; font: 15px/1.45 Inter, "DejaVu Sans", sans-serif;
		display: grid; grid-template-columns: 1fr 1fr; gap: 20px; box-sizing: border-box; }
	section { border: 1px solid #dfe3ea; border-radius: 10px; overflow: hidden; background: #f5f5f5; }
	h2 { margin: 0; padding: 10px 16px; font-size: 15px; background: #fff; border-bottom: 1px solid #dfe3ea; }
	h2 small { font-size: 14px; font-weight: normal; color: #667085; }
	img { display: block; max-width: 100%; max-height: 196px; margin: 8px auto; }
	ul { list-style: none; margin: 0; padding: 10px; background: #fff; }
	li { display: grid; grid-template-columns: 24px 64px 84px 1fr; padding: 5px 8px; margin: 2px 0; border-radius: 6px; }
	em, i { font-style: normal; } i { color: #667085; }
	.red { background: #fdecea; } .green { background: #e5f6ea; }
	.red b, .red em { color: #c62828; } .green b, .green em { color: #1b7f3b; } .grey b, .grey em { color: #667085; }
	.wide { grid-column: 1 / 3; display: grid; grid-template-columns: 1fr 1fr; grid-template-rows: auto 1fr; }
	.wide h2 { grid-column: 1 / 3; }
	p { margin: 0; padding: 12px 20px; background: #fdecea; font-size: 14px; display: flex; align-items: center; }
`;

const COLOURS: Readonly<Record<string, readonly [colour: string, mark: string]>> = {
	retrying: ['red', '✗'],
	failed: ['red', '✗'],
	fallback: ['grey', '↪'],
	delivered: ['green', '✓'],
};

const escaped = (text: string): string =>
	text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

function rowOf({ event, channel, error }: Step): string {
	const word = event.split('.')[1] ?? '';
	const [colour, mark] = COLOURS[word] ?? [];
	if (colour === undefined) return '';
	const name = channel === 'email' ? 'E-mail' : 'Slack';
	const reason = colour === 'red' ? (error?.message ?? '') : '';
	return `<li class="${colour}"><b>${mark}</b><span>${name}</span><em>${word}</em><i>${escaped(reason)}</i></li>`;
}

/** The picture as a page of `PICTURE_SIZE`, for a browser to draw. */
export const pageOf = ({ sent, steps, paged, page }: Scene): string => `<!doctype html>
	<meta charset="utf-8"><style>${STYLE}</style>
	<section><h2>Your workflow sends</h2><img src="${sent}"></section>
	<section><h2>Slack fails, the runner falls back</h2><ul>${steps.map(rowOf).join('')}</ul></section>
	<section class="wide"><h2>Nothing arrived? <small>Another workflow pages whoever is on call.</small></h2>
	<img src="${paged}"><p>${escaped(page)}</p></section>`;
