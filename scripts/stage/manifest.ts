/** The members of a package.json in the clone that only the clone has a use for. */
const OF_THE_CLONE: ReadonlySet<string> = new Set([
	'workspaces',
	'scripts',
	'devDependencies',
	'private',
]);

/**
 * The package.json that is published.
 * @param inside more members to leave out, such as the dependencies that the build put into the package's own files
 */
export function publishedManifest(
	manifest: Readonly<Record<string, unknown>>,
	inside: readonly string[],
): string {
	const kept = Object.entries(manifest).filter(
		([name]) => !OF_THE_CLONE.has(name) && !inside.includes(name),
	);
	return `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`;
}
