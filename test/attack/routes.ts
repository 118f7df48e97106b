/** A route with something for each of its parameters. */
export interface Route {
	readonly method: string;
	readonly pattern: string;
	readonly path: string;
}

const PARAMETERS: Readonly<Record<string, string>> = {
	provider: 'telegram',
	connection: 'reports',
	token: 'token',
};

/** The routes of a runner, as it logs them. HEAD does as GET does. */
export function routesOf(logged: readonly string[]): Route[] {
	return [...new Set(logged)].flatMap((line) => {
		const [method = '', pattern = ''] = line.split(' ');
		if (method === 'HEAD') return [];
		const path = pattern
			.replace(/:(\w+)/g, (_, name: string) => PARAMETERS[name] ?? 'x')
			.replace('*', 'x');
		return [{ method, pattern, path }];
	});
}

/** Methods whose requests have a body. */
export const hasBody = ({ method }: Route): boolean => ['POST', 'PUT', 'PATCH'].includes(method);
