/** As much of recheck as the tests use. */
declare module 'recheck' {
	export function checkSync(
		source: string,
		flags: string,
		parameters: { readonly timeout: number },
	): {
		readonly status: 'safe' | 'vulnerable' | 'unknown';
		readonly complexity?: { readonly type: string };
	};
}
