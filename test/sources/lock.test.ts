import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Entry {
	readonly link?: boolean;
	readonly inBundle?: boolean;
	readonly integrity?: string;
}

// As npm writes it: lockfileVersion 3.
const { packages } = JSON.parse(
	readFileSync(join(__dirname, '../../package-lock.json'), 'utf8'),
) as { readonly packages: Readonly<Record<string, Entry>> };

describe('package-lock.json', () => {
	it('has the digest of every package that is installed, other platforms included: npm run lock adds it', () => {
		const installed = Object.entries(packages).filter(
			// A folder of this repository has no archive, and a bundled package lies in another one's.
			([path, { link, inBundle }]) => path.includes('node_modules/') && !link && !inBundle,
		);
		expect(installed.length).toBeGreaterThan(1000);
		const lacking = installed.filter(
			([, entry]) => !/^sha512-\S{86}==/.test(entry.integrity ?? ''),
		);
		expect(lacking.map(([path]) => path)).toEqual([]);
	});
});
