/** A package inside another one. */
export interface Part {
	readonly name: string;
	readonly version: string;
	/** An SPDX expression, such as `MIT`. */
	readonly license: string;
}

/** The packages that a THIRD-PARTY-NOTICES.txt has a section for: its first line after each rule. */
export const noticed = (notices: string): readonly Part[] =>
	notices
		.split(/^-{80}$/m)
		.slice(1)
		.flatMap((section) => {
			const [title = ''] = section.trim().split('\n', 1);
			const [name, version, ...license] = title.split(' ');
			// In parentheses.
			return name && version ? [{ name, version, license: license.join(' ').slice(1, -1) }] : [];
		});

/**
 * A package in the form of CycloneDX.
 * @param digest of its archive, as npm writes it: `sha512-` and base64
 */
export function component({
	name,
	version,
	license,
	type,
	digest,
}: Part & {
	readonly type: 'application' | 'library';
	readonly digest?: string | undefined;
}): Readonly<Record<string, unknown>> {
	// A scope's @ is escaped in a package URL.
	const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
	const content = digest && Buffer.from(digest.replace(/^sha512-/, ''), 'base64').toString('hex');
	return {
		type,
		'bom-ref': purl,
		name,
		version,
		purl,
		licenses: [/[ ()]/.test(license) ? { expression: license } : { license: { id: license } }],
		...(content ? { hashes: [{ alg: 'SHA-512', content }] } : {}),
	};
}
