// `node scripts/release/sbom.ts dist/packages/sureping`: prints the parts of a staged package in the form of CycloneDX 1.6.
// `npm sbom` lists what package.json names; the parts of this package are inside its bundle, and its notices name them.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { component, noticed } from './components.ts';

const [folder = ''] = process.argv.slice(2);
const NOTICES = join(folder, 'dist', 'THIRD-PARTY-NOTICES.txt');

// Both are our own files.
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
	readonly name: string;
	readonly version: string;
	readonly license: string;
	readonly description: string;
};
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
	readonly packages: Readonly<
		Record<string, { readonly version?: string; readonly integrity?: string }>
	>;
};

/** The digest that the registry has of a package, as the lock has it. */
function digestOf({
	name,
	version,
}: {
	readonly name: string;
	readonly version: string;
}): string | undefined {
	return Object.entries(packages).find(
		([path, entry]) => path.endsWith(`node_modules/${name}`) && entry.version === version,
	)?.[1].integrity;
}

const parts = existsSync(NOTICES) ? noticed(readFileSync(NOTICES, 'utf8')) : [];
const itself = component({ ...manifest, type: 'application' });
const sbom = {
	$schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
	bomFormat: 'CycloneDX',
	specVersion: '1.6',
	version: 1,
	metadata: { component: { ...itself, description: manifest.description } },
	components: parts.map((part) => component({ ...part, type: 'library', digest: digestOf(part) })),
};
console.log(JSON.stringify(sbom, null, 2));
