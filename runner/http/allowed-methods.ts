import type { App } from './app.ts';

/** Finds the methods that a path takes, once the routes are registered; none for an unknown path (RFC 9110 §15.5.6). */
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
