// `npm run stage`: writes both packages into `dist/packages/`, as they are published.
import { join } from 'node:path';
import { PACKAGES, type PackageName, stagePackage } from './stage.ts';

// Object.keys forgets the type of the keys.
for (const name of Object.keys(PACKAGES) as PackageName[]) {
	const folder = join('dist', 'packages', name);
	const version = await stagePackage(process.cwd(), name, folder);
	console.log(`${name} ${version}: ${folder}`);
}
