import { executionResult, type ExecutionResult, type StoredExecution } from './execution-result.ts';
import { waitUntil } from './wait-until.ts';

export interface Owner {
	email: string;
	password: string;
}

export interface CredentialReference {
	id: string;
	name: string;
}

/** A workflow as n8n exports it. */
export interface WorkflowFile {
	name: string;
	nodes: WorkflowFileNode[];
	connections: Record<string, unknown>;
	settings?: Record<string, unknown>;
	/** Items that stand for a node's output when the workflow is run by hand. */
	pinData?: Record<string, { json: Record<string, unknown> }[]>;
}

export interface WorkflowFileNode {
	name: string;
	type: string;
	typeVersion: number;
	parameters: Record<string, unknown>;
	position: [number, number];
	id?: string;
	webhookId?: string;
	credentials?: Record<string, Partial<CredentialReference>>;
}

export interface Workflow {
	id: string;
	name: string;
	versionId: string;
}

interface PublicSettings {
	userManagement: { showSetupOnFirstLoad: boolean };
}

/** n8n's settings, as a user who is logged in gets them. */
interface Settings {
	versionCli: string;
}

interface StoredCredential extends CredentialReference {
	type: string;
}

interface PublicationStatus {
	status: 'in_progress' | 'published' | 'partial' | 'failed' | 'not_published';
	triggers: { errorMessage: string | null }[];
}

interface ExecutionSummary {
	id: string;
	status: string;
}

const FINISHED = new Set(['success', 'error', 'crashed', 'canceled']);

/** The REST API of n8n's own editor, which unlike its public API needs no API key and can run a workflow by hand. */
export class N8nApi {
	private readonly url: string;
	private cookie = '';
	/** n8n 1 has no publications: a workflow is active or not, and a run by hand says of which workflow. */
	private isN8n1 = false;

	private constructor(url: string) {
		this.url = url;
	}

	/** Logs in; on a fresh n8n it makes the owner's account first. */
	static async open(url: string, owner: Owner): Promise<N8nApi> {
		const api = new N8nApi(url);
		const { userManagement } = await api.call<PublicSettings>('GET', '/settings');
		if (userManagement.showSetupOnFirstLoad) {
			await api.call('POST', '/owner/setup', { ...owner, firstName: 'Local', lastName: 'Owner' });
		} else {
			await api.call('POST', '/login', {
				emailOrLdapLoginId: owner.email,
				password: owner.password,
			});
		}
		const { versionCli } = await api.call<Settings>('GET', '/settings');
		api.isN8n1 = versionCli.startsWith('1.');
		return api;
	}

	/** Creates the credential, or gives the one of that name and type this data. */
	async saveCredential(name: string, type: string, data: object): Promise<CredentialReference> {
		const all = await this.call<StoredCredential[]>('GET', '/credentials');
		const stored = all.find((credential) => credential.name === name && credential.type === type);
		const path = stored ? `/credentials/${stored.id}` : '/credentials';
		const { id } = await this.call<StoredCredential>(stored ? 'PATCH' : 'POST', path, {
			name,
			type,
			data,
		});
		return { id, name };
	}

	/** The result of the editor's "Test connection": `{ status: 'OK' | 'Error', message }`. */
	async testCredential(
		reference: CredentialReference,
		type: string,
		data: object,
	): Promise<{ status: string; message: string }> {
		return await this.call('POST', '/credentials/test', {
			credentials: { ...reference, type, data },
		});
	}

	/**
	 * Stores a workflow.
	 * @param credentials by credential type: credentials for its nodes in place of the ids in the file
	 */
	async importWorkflow(
		file: WorkflowFile,
		credentials: Record<string, CredentialReference> = {},
	): Promise<Workflow> {
		const nodes = file.nodes.map((node) => ({ ...node, ...withCredentials(node, credentials) }));
		return await this.call('POST', '/workflows', { settings: {}, active: false, ...file, nodes });
	}

	async listWorkflows(): Promise<Workflow[]> {
		return await this.call('GET', '/workflows');
	}

	/**
	 * Publishes the stored version and waits until its triggers are live.
	 * @throws with n8n's reasons, when a trigger could not be activated
	 */
	async activate(workflow: Workflow): Promise<void> {
		if (this.isN8n1) {
			await this.call('PATCH', `/workflows/${workflow.id}`, { active: true });
			return;
		}
		const { versionId } = await this.call<Workflow>('GET', `/workflows/${workflow.id}`);
		await this.call('POST', `/workflows/${workflow.id}/activate`, { versionId });
		// n8n reads its queue and the triggers one after the other: between the two a workflow looks as if it were neither.
		const { status, triggers } = await this.publicationSettled(workflow, ['not_published']);
		if (status === 'published') return;
		const reasons = triggers.map(({ errorMessage }) => errorMessage).filter(Boolean);
		throw new Error(`Activation of "${workflow.name}" is ${status}: ${reasons.join('; ')}`);
	}

	async deactivate(workflow: Workflow): Promise<void> {
		if (this.isN8n1) {
			await this.call('PATCH', `/workflows/${workflow.id}`, { active: false });
			return;
		}
		await this.call('POST', `/workflows/${workflow.id}/deactivate`, {});
		await this.publicationSettled(workflow);
	}

	/** n8n 2 answers an activation at once and registers and removes webhooks afterwards, from a queue of its own. */
	private async publicationSettled(
		workflow: Workflow,
		passing: readonly PublicationStatus['status'][] = [],
	): Promise<PublicationStatus> {
		const settled = async () => {
			const publication = await this.call<PublicationStatus>(
				'GET',
				`/workflows/${workflow.id}/publication-status`,
			);
			const { status } = publication;
			return status !== 'in_progress' && !passing.includes(status) && publication;
		};
		return await waitUntil(`the publication of "${workflow.name}" is settled`, settled, 60_000);
	}

	/** Runs it as the editor's "Execute workflow" does, from the named trigger, and waits for the end. */
	async runManually(
		workflow: Workflow,
		trigger: string,
		timeoutMs = 60_000,
	): Promise<ExecutionResult> {
		const executionId = await this.startManually(workflow, trigger);
		const ended = async () => {
			const execution = await this.execution(executionId);
			return FINISHED.has(execution.status) && execution;
		};
		return await waitUntil(`execution ${executionId} has ended`, ended, timeoutMs);
	}

	/** As `runManually`, without waiting for the end; gives the execution's id. */
	async startManually(workflow: Workflow, trigger: string): Promise<string> {
		const executionId = await this.run(workflow, trigger);
		if (executionId) return executionId;
		throw new Error(`"${trigger}" waits for a webhook: listen with listenForTestEvent instead`);
	}

	/** Does what "Retry with currently saved workflow" does for a failed execution. */
	async retry(execution: ExecutionResult): Promise<ExecutionResult> {
		const path = `/executions/${execution.id}/retry`;
		const { id } = await this.call<{ id: string }>('POST', path, { loadWorkflow: true });
		return await this.execution(id);
	}

	/** Does what the editor's "Listen for test event" does; the next call of the test URL starts an execution. */
	async listenForTestEvent(workflow: Workflow, trigger: string): Promise<void> {
		await this.run(workflow, trigger);
	}

	/** The execution's id; none where it waits for a webhook. */
	private async run(workflow: Workflow, trigger: string): Promise<string | undefined> {
		const workflowData = this.isN8n1
			? { workflowData: await this.call<object>('GET', `/workflows/${workflow.id}`) }
			: {};
		const { executionId } = await this.call<{ executionId?: string }>(
			'POST',
			`/workflows/${workflow.id}/run`,
			{ ...workflowData, triggerToStartFrom: { name: trigger } },
		);
		return executionId;
	}

	async execution(id: string): Promise<ExecutionResult> {
		return executionResult(await this.call<StoredExecution>('GET', `/executions/${id}`));
	}

	/** Of one workflow, oldest first. */
	async executions(workflow: Workflow): Promise<ExecutionResult[]> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId: workflow.id }));
		const { results } = await this.call<{ results: ExecutionSummary[] }>(
			'GET',
			`/executions?filter=${filter}&limit=100`,
		);
		// n8n merges two lists, of the running and of the ended, and one that ends meanwhile is in both.
		const ids = new Set(results.reverse().map(({ id }) => id));
		return await Promise.all([...ids].map((id) => this.execution(id)));
	}

	/** Waits until the workflow has at least `count` ended executions; gives all of them, oldest first. */
	async waitForExecutions(
		workflow: Workflow,
		count: number,
		timeoutMs = 30_000,
	): Promise<ExecutionResult[]> {
		const enough = async () => {
			const ended = (await this.executions(workflow)).filter(({ status }) => FINISHED.has(status));
			return ended.length >= count && ended;
		};
		return await waitUntil(`"${workflow.name}" has ${count} executions`, enough, timeoutMs);
	}

	/** A file of the editor, such as /types/nodes.json or a node's icon. */
	async file(path: string): Promise<Response> {
		return await fetch(`${this.url}/${path}`, { headers: { cookie: this.cookie } });
	}

	/** Any other path below /rest that has no method here. */
	async call<T>(
		method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
		path: string,
		body?: object,
	): Promise<T> {
		const response = await fetch(`${this.url}/rest${path}`, {
			method,
			headers: { cookie: this.cookie, ...(body && { 'content-type': 'application/json' }) },
			...(body && { body: JSON.stringify(body) }),
		});
		const session = response.headers
			.getSetCookie()
			.find((cookie) => cookie.startsWith('n8n-auth='));
		if (session) this.cookie = session.split(';', 1).join('');
		const text = await response.text();
		if (!response.ok)
			throw new Error(`n8n answered ${response.status} to ${method} ${path}: ${reason(text)}`);
		// n8n wraps every answer; its shape is the caller's knowledge of that endpoint.
		return (JSON.parse(text) as { data: T }).data;
	}
}

function withCredentials(
	node: WorkflowFileNode,
	known: Record<string, CredentialReference>,
): object {
	if (!node.credentials) return {};
	const chosen = Object.entries(node.credentials).map(([type, own]) => [type, known[type] ?? own]);
	return { credentials: Object.fromEntries(chosen) as Record<string, CredentialReference> };
}

/** n8n's message without its stack trace. */
function reason(text: string): string {
	try {
		// Every error of its REST API has a message; another answer is shown as it is.
		return (JSON.parse(text) as { message?: string }).message ?? text;
	} catch {
		return text;
	}
}
