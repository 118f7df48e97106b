import { join } from 'node:path';

/** The clone's root: npm, and so everything that `scripts/bootstrap.mjs` starts, works in it. */
export const cloneRoot = process.cwd();

/** The n8n that the bootstrap keeps outside the clone (2 GB are not installed per clone). */
export function n8nBinary(): string {
	const directory = process.env.SUREPING_N8N_DIR;
	if (!directory)
		throw new Error('No n8n here: start this with "npm run n8n" or "npm run test:n8n".');
	return join(directory, 'node_modules', 'n8n', 'bin', 'n8n');
}
