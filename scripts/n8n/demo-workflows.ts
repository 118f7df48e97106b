import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CredentialReference, N8nApi, Workflow, WorkflowFile } from './api.ts';

/**
 * Imports each workflow of the folder that n8n does not have yet, by name, so that a second start neither doubles a
 * workflow nor undoes changes to it.
 * @returns all of them
 */
export async function importWorkflows(
	api: N8nApi,
	folder: string,
	credentials: Record<string, CredentialReference>,
): Promise<Workflow[]> {
	const existing = new Map((await api.listWorkflows()).map((one) => [one.name, one]));
	const workflows: Workflow[] = [];
	for (const file of (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()) {
		// An export of n8n; n8n itself checks it.
		const workflow = JSON.parse(await readFile(join(folder, file), 'utf8')) as WorkflowFile;
		workflows.push(
			existing.get(workflow.name) ?? (await api.importWorkflow(workflow, credentials)),
		);
	}
	return workflows;
}
