import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cloneRoot } from './clone.ts';
import { N8nInstance } from './instance.ts';
import { installPackedNodes } from './package-nodes.ts';
import { startPostgres } from './postgres.ts';

export interface LocalN8n {
	n8n: N8nInstance;
	/** n8n first, then its database. */
	stop(): Promise<void>;
}

/**
 * n8n with its database and this clone's nodes, packed and installed as a user would.
 * @param directory keeps everything; the same one again continues where it was
 */
export async function startLocalN8n(
	directory: string,
	options: { port?: number; env?: Record<string, string> } = {},
): Promise<LocalN8n> {
	const userFolder = join(directory, 'user');
	await mkdir(userFolder, { recursive: true });
	const [postgres] = await Promise.all([
		startPostgres(join(directory, 'postgres')),
		installPackedNodes(cloneRoot, userFolder),
	]);
	try {
		const n8n = await N8nInstance.start({ userFolder, database: postgres.connection, ...options });
		const stop = async () => {
			await n8n.stop();
			await postgres.stop();
		};
		return { n8n, stop };
	} catch (error) {
		await postgres.stop();
		throw error;
	}
}
