import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { N8nApi, type Owner } from '../../scripts/n8n/api.ts';
import type { N8nInstance } from '../../scripts/n8n/instance.ts';
import { startLocalN8n } from '../../scripts/n8n/local-n8n.ts';

export interface TemporaryN8n {
	n8n: N8nInstance;
	api: N8nApi;
	/** For logging in with a browser. */
	owner: Owner;
	/** Stops it and removes its data. */
	dispose(): Promise<void>;
}

/** Time limit for `beforeAll`: the first start of an n8n runs all its migrations. */
export const N8N_START_TIMEOUT_MS = 200_000;

/** A fresh real n8n with this clone's nodes and an owner, as a test file's own. */
export async function startTemporaryN8n(env: Record<string, string> = {}): Promise<TemporaryN8n> {
	// As root the database runs as another user, which has to reach its folder, and mkdtemp's 0700 forbids it.
	const directory = await mkdtemp(join(tmpdir(), 'sureping-n8n-'));
	await chmod(directory, 0o755);
	const owner = { email: 'owner@sureping.local', password: 'Correct-Horse-1' };
	const remove = () => rm(directory, { recursive: true, force: true });
	try {
		const local = await startLocalN8n(directory, { env });
		const api = await N8nApi.open(local.n8n.url, owner);
		const dispose = async () => {
			await local.stop();
			await remove();
		};
		return { n8n: local.n8n, api, owner, dispose };
	} catch (error) {
		await remove();
		throw error;
	}
}
