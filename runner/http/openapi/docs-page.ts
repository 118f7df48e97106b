import { readFileSync } from 'node:fs';
import type { App } from '../app.ts';

/** Hides Swagger's bar, whose field for other descriptions has no use here. */
const OWN_CSS = '.swagger-ui .topbar { display: none }';

/** The key is not stored, so every new page asks for it: any script can read a browser's storage. */
const OWN_SCRIPT = `window.addEventListener('load', () => {
	SwaggerUIBundle({
		url: '/openapi.json',
		dom_id: '#swagger-ui',
		deepLinking: true,
		docExpansion: 'list',
		tryItOutEnabled: true,
		persistAuthorization: false,
		validatorUrl: null,
		presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
		layout: 'StandaloneLayout',
	});
});
`;

const PAGE = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<title>Sureping API</title>
<link rel="stylesheet" href="/docs/static/swagger-ui.css">
<link rel="stylesheet" href="/docs/static/index.css">
<link rel="stylesheet" href="/docs/static/theme/sureping.css">
<link rel="icon" type="image/png" href="/docs/static/favicon-32x32.png" sizes="32x32">
<link rel="icon" type="image/png" href="/docs/static/favicon-16x16.png" sizes="16x16">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/static/swagger-ui-bundle.js"></script>
<script src="/docs/static/swagger-ui-standalone-preset.js"></script>
<script src="/docs/static/swagger-initializer.js"></script>
</body>
</html>
`;

/** Swagger UI writes style attributes and has its icons as data URLs; everything else comes from the runner. */
const POLICY = [
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self' 'unsafe-inline'",
	"img-src 'self' data:",
	"connect-src 'self'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
].join('; ');

const HEADERS = {
	'content-security-policy': POLICY,
	'x-content-type-options': 'nosniff',
	'referrer-policy': 'no-referrer',
} as const;

const TYPES = {
	html: 'text/html; charset=utf-8',
	css: 'text/css; charset=utf-8',
	js: 'text/javascript; charset=utf-8',
	png: 'image/png',
} as const;

/** The build puts Swagger UI's files beside the bundle. */
const SWAGGER_UI = new URL('swagger-ui/', import.meta.url);

/** A file of the page: its own text, or one that Swagger UI brings. */
interface PageFile {
	readonly type: keyof typeof TYPES;
	readonly text?: string;
}

const FILES: Readonly<Record<string, PageFile>> = {
	'swagger-ui.css': { type: 'css' },
	'index.css': { type: 'css' },
	'theme/sureping.css': { type: 'css', text: OWN_CSS },
	'favicon-32x32.png': { type: 'png' },
	'favicon-16x16.png': { type: 'png' },
	'swagger-ui-bundle.js': { type: 'js' },
	'swagger-ui-standalone-preset.js': { type: 'js' },
	'swagger-initializer.js': { type: 'js', text: OWN_SCRIPT },
};

/** Names of the files that the page takes from Swagger UI. */
export const SWAGGER_UI_FILES: readonly string[] = Object.keys(FILES).filter(
	(name) => FILES[name]?.text === undefined,
);

/**
 * `/docs`, to browse the API and try it out. Each file is read once and kept, so that an answer that is never read
 * holds neither an open file nor a copy.
 */
export function docsPage(app: App): void {
	const page = Buffer.from(PAGE);
	for (const url of ['/docs', '/docs/']) {
		app.get(
			url,
			{ schema: { hide: true } },
			async (_request, reply) => await reply.headers(HEADERS).type(TYPES.html).send(page),
		);
	}
	for (const [name, { type, text }] of Object.entries(FILES)) {
		let bytes: Buffer | undefined;
		app.get(`/docs/static/${name}`, { schema: { hide: true } }, async (_request, reply) => {
			bytes ??= text === undefined ? readFileSync(new URL(name, SWAGGER_UI)) : Buffer.from(text);
			return await reply.headers(HEADERS).type(TYPES[type]).send(bytes);
		});
	}
}
