import { createHash } from 'node:crypto';

/** The page's whole style. It loads nothing, and follows the light or dark setting of the device. */
export const STYLE = `
:root {
	color-scheme: light dark;
	--ground: #f4f4f8; --card: #ffffff; --ink: #1b1740; --soft: #5c5a72; --line: #dedde8; --well: #f4f4f8;
	--brand: #5b4bdb; --brand-ink: #ffffff;
	--red: #b3261e; --red-ground: #fdecea; --amber: #8a5300; --amber-ground: #fff3dc;
	--green: #0b6b4b; --green-ground: #e3f6ee; --grey: #4c4b5c; --grey-ground: #ececf2;
}
@media (prefers-color-scheme: dark) {
	:root {
		--ground: #12111b; --card: #1c1b29; --ink: #f1f0fa; --soft: #aeacc4; --line: #33314a; --well: #14131f;
		--brand: #a79bff; --brand-ink: #16132e;
		--red: #ffb4ab; --red-ground: #4a1512; --amber: #ffcf7d; --amber-ground: #422c06;
		--green: #7fe3bd; --green-ground: #0d3a2a; --grey: #cfcede; --grey-ground: #2f2e3f;
	}
}
* { box-sizing: border-box; }
body {
	margin: 0; padding: 16px; background: var(--ground); color: var(--ink);
	font: 17px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
	-webkit-text-size-adjust: 100%; overflow-wrap: anywhere;
}
main, header { max-width: 560px; margin: 0 auto; }
header { display: flex; align-items: center; gap: 8px; padding: 4px 0 16px; font-weight: 600; }
header svg { width: 28px; height: 28px; }
.bell { fill: var(--brand); }
.clapper { fill: #2fb988; }
.check { fill: none; stroke: var(--brand-ink); stroke-width: 4.5; stroke-linecap: round; stroke-linejoin: round; }
main { background: var(--card); border: 1px solid var(--line); border-radius: 16px; padding: 20px; }
h1 { font-size: 22px; line-height: 1.3; margin: 12px 0; }
p { margin: 12px 0; }
.status { display: inline-block; margin: 0; padding: 4px 12px; border-radius: 999px; font-size: 15px; font-weight: 600; }
.red { color: var(--red); background: var(--red-ground); }
.amber { color: var(--amber); background: var(--amber-ground); }
.green { color: var(--green); background: var(--green-ground); }
.grey { color: var(--grey); background: var(--grey-ground); }
.result { margin: 0 0 16px; padding: 12px 16px; border-radius: 12px; font-weight: 600; }
.message {
	margin: 12px 0; padding: 12px 16px; max-height: 32vh; overflow: auto; white-space: pre-wrap;
	background: var(--well); border: 1px solid var(--line); border-radius: 12px;
}
.soft { color: var(--soft); font-size: 15px; }
form { display: flex; flex-direction: column; gap: 12px; margin: 20px 0 12px; }
button {
	min-height: 56px; padding: 12px 20px; border: 2px solid var(--brand); border-radius: 12px; cursor: pointer;
	font: inherit; font-size: 18px; font-weight: 600; background: transparent; color: var(--brand);
}
button.primary { background: var(--brand); color: var(--brand-ink); }
button:hover { filter: brightness(1.08); }
button:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
h2 { font-size: 15px; margin: 20px 0 4px; }
ol { margin: 0; padding: 0; list-style: none; }
li { padding: 8px 0; border-top: 1px solid var(--line); font-size: 15px; }
li:first-child { border-top: 0; }
@media (min-width: 520px) {
	body { padding: 32px 16px; }
	main { padding: 28px; }
	form { flex-direction: row; }
	button { flex: 1; }
}
`;

/** Nothing but this style applies: no script, no picture, no font, no frame; the form goes to the page itself. */
const POLICY = [
	"default-src 'none'",
	`style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
	"form-action 'self'",
	"base-uri 'none'",
	"frame-ancestors 'none'",
].join('; ');

/** Headers of every answer at a link. Its URL is a secret, and must stay out of caches, indexes and `Referer`. */
export const PAGE_HEADERS = {
	'content-security-policy': POLICY,
	'referrer-policy': 'no-referrer',
	'cache-control': 'no-store',
	'x-robots-tag': 'noindex, nofollow, noarchive',
	'x-content-type-options': 'nosniff',
} as const;
