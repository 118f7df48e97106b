import './environment.ts';
import { PackageDirectoryLoader } from 'n8n-core';
import type { ICredentialType, INodeType } from 'n8n-workflow';

/** The package as `npm run build` left it in this clone or in another folder, loaded as n8n loads an installed one. */
export async function loadPackage(folder = process.cwd()): Promise<PackageDirectoryLoader> {
	const loader = new PackageDirectoryLoader(folder);
	await loader.loadAll();
	return loader;
}

export function nodeType(loader: PackageDirectoryLoader, name: string): INodeType {
	const found = loader.nodeTypes[name]?.type;
	if (!found || !('description' in found)) throw new Error(`The package has no node ${name}`);
	return found as INodeType; // none of ours is a VersionedNodeType
}

export function credentialType(loader: PackageDirectoryLoader, name: string): ICredentialType {
	const found = loader.credentialTypes[name]?.type;
	if (!found) throw new Error(`The package has no credential ${name}`);
	return found;
}
