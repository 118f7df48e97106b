import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type { Owner } from './api.ts';

export interface DemoSecrets {
	n8n: Owner;
	runner: { apiKey: string; webhookSecret: string };
}

const random = () => randomBytes(18).toString('base64url');

/** Secrets of the demo, created at the first start and kept, readable by this user only. */
export async function demoSecrets(file: string): Promise<DemoSecrets> {
	const kept = await readFile(file, 'utf8').catch(() => undefined);
	// The file was written below. After an edit by hand, n8n or the runner reports mistakes.
	if (kept) return JSON.parse(kept) as DemoSecrets;
	const secrets: DemoSecrets = {
		// The prefix meets n8n's rule: a capital letter, a digit, eight characters.
		n8n: { email: 'owner@sureping.local', password: `Aa1${random()}` },
		runner: { apiKey: `sp_local_${random()}`, webhookSecret: `whsec_${random()}` },
	};
	await writeFile(file, JSON.stringify(secrets, null, 2), { mode: 0o600 });
	return secrets;
}
