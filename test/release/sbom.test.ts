import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thirdPartyNotices } from '../../scripts/build/third-party-notices.mjs';
import { temporaryDirectory } from '../support/temporary-directory.ts';

interface Sbom {
	readonly metadata: { readonly component: Component };
	readonly components: readonly Component[];
}
interface Component {
	readonly name: string;
	readonly version: string;
	readonly purl: string;
	readonly licenses: readonly unknown[];
	readonly hashes?: readonly { readonly content: string }[];
}

const folder = temporaryDirectory('sbom');
/** The list of a package as it is staged: with the notices of its bundle, if it has one. */
async function sbomOf(bundled: readonly string[]): Promise<Sbom> {
	const manifest = { name: 'sureping', version: '9.0.0', license: 'MIT', description: 'It sends' };
	writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
	if (bundled.length > 0) {
		mkdirSync(join(folder, 'dist'));
		const notices = await thirdPartyNotices(bundled.map((name) => `node_modules/${name}/index.js`));
		writeFileSync(join(folder, 'dist', 'THIRD-PARTY-NOTICES.txt'), notices);
	}
	// Our own script.
	return JSON.parse(
		execFileSync(process.execPath, ['scripts/release/sbom.ts', folder], { encoding: 'utf8' }),
	) as Sbom;
}

it('a package without a bundle has no parts', async () => {
	const { metadata, components } = await sbomOf([]);
	expect(metadata.component).toMatchObject({ name: 'sureping', purl: 'pkg:npm/sureping@9.0.0' });
	expect(components).toEqual([]);
});

it('a bundle is listed package by package, with licence and digest', async () => {
	const bundled = ['@fastify/swagger', 'fastify', 'pg', 'undici'];
	const { components } = await sbomOf(bundled);
	expect(components.map(({ name }) => name)).toEqual(bundled);
	const installed = bundled.map((name) => {
		const file = join('node_modules', name, 'package.json');
		return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
	});
	expect(components.map(({ version }) => version)).toEqual(installed);
	expect(components[0]?.purl).toBe(`pkg:npm/%40fastify/swagger@${installed[0] ?? ''}`);
	expect(components.map(({ licenses }) => licenses)).toEqual(
		bundled.map(() => [{ license: { id: 'MIT' } }]),
	);
	const size = createHash('sha512').update('').digest('hex').length;
	expect(components.map(({ hashes }) => hashes?.[0]?.content.length)).toEqual(
		bundled.map(() => size),
	);
});
