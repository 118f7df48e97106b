import type { App } from './app.ts';

/** Tells which methods a path takes, once its routes are there; none for a path that is not one (RFC 9110 §15.5.6). */
export function allowedMethods(app: App): (url: string) => readonly string[] {
	const routes: { readonly pattern: RegExp; readonly method: string }[] = [];
	app.addHook('onRoute', ({ url, method }) => {
		const source = url
			.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
			.replace(/:[^/]+/g, '[^/]+')
			.replaceAll('*', '.*');
		const pattern = new RegExp(`^${source}$`);
		for (const one of [method].flat()) routes.push({ pattern, method: one });
	});
	return (url) => {
		const path = url.split('?', 1)[0] ?? '';
		const fit = routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
		return [...new Set(fit)].sort();
	};
}
