import './environment.ts';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { HookContext, type PackageDirectoryLoader, WebhookContext } from 'n8n-core';
import {
	type IDataObject,
	type IHookFunctions,
	type IHttpRequestMethods,
	type IHttpRequestOptions,
	type INode,
	type INodeExecutionData,
	type INodeParameters,
	type IWebhookData,
	type IWebhookDescription,
	type IWebhookFunctions,
	type IWorkflowExecuteAdditionalData,
	Workflow,
	type WorkflowActivateMode,
	type WorkflowExecuteMode,
} from 'n8n-workflow';
import { type Credentials, TestCredentialsHelper } from './credentials.ts';
import { nodeType } from './package.ts';
import { additionalData } from './run-workflow.ts';

type Hook = 'checkExists' | 'create' | 'delete';

export interface TriggerHost {
	/** Where the node's webhook is answered as n8n answers it. */
	readonly url: string;
	/** The items of every execution that was started. */
	readonly executions: readonly (readonly INodeExecutionData[])[];
	readonly staticData: IDataObject;
	readonly credentials: TestCredentialsHelper;
	/** The URLs that the webhook called with `helpers.httpRequest`, oldest first. */
	readonly called: readonly string[];
	/** Has executions fail to start, which n8n answers with 500. */
	breakExecutions(broken: boolean): void;
	/** Has n8n drop the connection in place of an answer. */
	dropAnswers(dropped: boolean): void;
	hook(name: Hook, activation?: WorkflowActivateMode): Promise<boolean>;
	close(): Promise<void>;
}

export interface TriggerSetup {
	readonly parameters?: INodeParameters;
	readonly credentials?: Credentials;
	readonly mode?: WorkflowExecuteMode;
	readonly staticData?: IDataObject;
	/** Two hosts with one id stand for one node that is active and listening for a test event. */
	readonly nodeId?: string;
	/** n8n's own idea of its address, where that is not the host's. */
	readonly n8nUrl?: string;
	/** The node's; 2 is the first. */
	readonly version?: number;
	/** An n8n before 2.34, which lacks what its nodes can ask for since. */
	readonly isOldN8n?: boolean;
	/** Answers of the internet, by URL; throws where there is none. */
	readonly internet?: (url: string) => string;
}

let nodes = 0;

/**
 * The trigger in n8n-core's own contexts behind a real HTTP server: reads the body as n8n's body parser leaves it, and
 * answers and starts executions as n8n does for `responseMode: onReceived` with an empty `responseData`.
 */
export async function hostTrigger(
	loader: PackageDirectoryLoader,
	{
		parameters = {},
		credentials = {},
		mode = 'webhook',
		staticData,
		nodeId = `trigger-${++nodes}`,
		n8nUrl,
		version = 2,
		isOldN8n = false,
		internet = (url) => {
			throw new Error(`There is no ${url}`);
		},
	}: TriggerSetup = {},
): Promise<TriggerHost> {
	const type = nodeType(loader, 'webhookTrigger');
	const workflow = new Workflow({
		id: 'trigger-workflow',
		name: 'Escalate & page',
		nodes: [
			{
				id: nodeId,
				name: 'Notification Webhook Trigger',
				type: 'webhookTrigger',
				typeVersion: version,
				position: [0, 0],
				parameters,
				webhookId: `hook-${nodeId}`,
				credentials: Object.fromEntries(
					Object.keys(credentials).map((name) => [name, { id: `${nodeId}-${name}`, name }]),
				),
			},
		],
		connections: {},
		active: true,
		nodeTypes: {
			getByName: () => type,
			getByNameAndVersion: () => type,
			getKnownTypes: () => ({}),
		},
	});
	// Its parameters have their defaults now.
	const node: INode = workflow.getNode('Notification Webhook Trigger')!;
	const stored = workflow.getStaticData('node', node);
	Object.assign(stored, staticData);

	const helper = new TestCredentialsHelper(loader, credentials);
	const executions: INodeExecutionData[][] = [];
	const called: string[] = [];
	const isTest = mode === 'manual';
	let url = '';
	let isBroken = false;
	let isDropped = false;

	const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		const body = await readBody(request);
		const description = type.description.webhooks!.find(
			({ httpMethod }) => httpMethod === request.method,
		);
		if (!description) {
			response.writeHead(404).end('{"message":"This webhook is not registered"}');
			return;
		}
		const additional = {
			...reachedAt(url),
			httpRequest: asExpressRequest(request, body),
			httpResponse: asExpressResponse(response),
		} as IWorkflowExecuteAdditionalData; // requests and responses with what the node uses of Express
		const data = { ...webhookData(description, node, workflow, additional), isTest };
		const context = new WebhookContext(workflow, node, additional, mode, data, [], null);
		if (isOldN8n) Object.assign(context, { getWebhookResourceUrl: undefined });
		Object.assign(context.helpers, {
			async httpRequest(options: IHttpRequestOptions): Promise<unknown> {
				called.push(options.url);
				const answer = internet(options.url);
				return options.encoding === 'stream' ? Readable.from([Buffer.from(answer)]) : answer;
			},
		});
		// A workflow's name is optional in n8n-core's types and required in n8n-workflow's.
		const result = await type.webhook!.call(context as IWebhookFunctions);
		if (result.noWebhookResponse) return;
		if (isDropped) {
			response.destroy();
			return;
		}
		const items = result.workflowData?.[0];
		if (items && isBroken) {
			response.writeHead(500).end('{"message":"Workflow could not be started!"}');
			return;
		}
		if (items) executions.push(items);
		// As Express does it: `send` for a text, with whatever content type was set before, else `json`.
		const answer: unknown = result.webhookResponse;
		if (typeof answer !== 'string') {
			response.setHeader('content-type', 'application/json');
		} else if (!response.hasHeader('content-type')) {
			response.setHeader('content-type', 'text/html');
		}
		response.writeHead(200).end(typeof answer === 'string' ? answer : JSON.stringify(answer));
	};
	const reachedAt = (base: string): IWorkflowExecuteAdditionalData => ({
		...additionalData(helper, undefined, workflow),
		webhookBaseUrl: `${base}/webhook`,
		webhookTestBaseUrl: `${base}/webhook-test`,
	});
	const server = createServer((request, response) => {
		handle(request, response).catch((error: unknown) => {
			if (!response.headersSent) response.writeHead(500);
			response.end(String(error));
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo; // It listens on TCP, so not a pipe's name.
	url = n8nUrl ?? `http://127.0.0.1:${port}`;

	return {
		url: `${url}/${isTest ? 'webhook-test' : 'webhook'}/hook-${nodeId}/webhook`,
		executions,
		staticData: stored,
		credentials: helper,
		called,
		breakExecutions: (broken) => (isBroken = broken),
		dropAnswers: (dropped) => (isDropped = dropped),
		async hook(name, activation = isTest ? 'manual' : 'activate') {
			const additional = reachedAt(url);
			const data = webhookData(type.description.webhooks![0]!, node, workflow, additional);
			// As n8n has it: the end of a test is told apart from a deactivation by nothing but the webhook's own `isTest`.
			const context = new HookContext(
				workflow,
				node,
				additional,
				name === 'delete' ? 'internal' : isTest ? 'manual' : 'trigger',
				name === 'delete' ? 'update' : activation,
				{ ...data, isTest },
			);
			return await type.webhookMethods!.default![name].call(context as IHookFunctions); // as above
		},
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set
	return Buffer.concat(chunks);
}

/** n8n reads the body of content types that it parses; of others the node has to ask for it. */
function asExpressRequest(request: IncomingMessage, body: Buffer): object {
	const { method, url, headers } = request;
	const express = { method, url, headers, params: {}, query: {}, body: {} };
	const isParsed = /^(application\/(json|x-www-form-urlencoded)|text\/plain)/.test(
		headers['content-type'] ?? '',
	);
	return Object.assign(express, isParsed ? { rawBody: body } : {}, {
		async readRawBody(): Promise<void> {
			const isZipped = headers['content-encoding'] === 'gzip';
			Object.assign(express, { rawBody: isZipped ? gunzipSync(body) : body });
		},
	});
}

function asExpressResponse(response: ServerResponse): object {
	return Object.assign(response, {
		status(code: number) {
			response.statusCode = code;
			return response;
		},
		json(value: unknown) {
			response.setHeader('content-type', 'application/json');
			response.end(JSON.stringify(value));
			return response;
		},
	});
}

function webhookData(
	webhookDescription: IWebhookDescription,
	node: INode,
	{ id }: Workflow,
	workflowExecuteAdditionalData: IWorkflowExecuteAdditionalData,
): IWebhookData {
	return {
		httpMethod: webhookDescription.httpMethod as IHttpRequestMethods, // none of ours is an expression
		node: node.name,
		path: webhookDescription.path,
		webhookDescription,
		workflowId: id,
		workflowExecuteAdditionalData,
	};
}
