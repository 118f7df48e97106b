import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { RawRequest, ReceivedEvent } from '../../engine/receive/index.ts';

/** One item per event. */
export function toItem(event: ReceivedEvent, headers?: IDataObject): INodeExecutionData {
	// A received event is JSON throughout: `raw` and `metadata` came out of JSON.parse.
	const json = { ...event, ...(headers ? { headers } : {}) } as IDataObject;
	return { json };
}

/** Names of headers that let somebody in, or that would prove a forged request. */
const SECRET_NAME = /auth|cookie|secret|signature|token|key|hmac|jwt|password|session/;

/** The headers that may be shown in an execution, to everyone who may see it. `secretHeader` is the node's own. */
export function publicHeaders({ headers }: RawRequest, secretHeader?: string): IDataObject {
	const shown: IDataObject = {};
	for (const [name, value] of Object.entries(headers)) {
		if (value === undefined || name === secretHeader || SECRET_NAME.test(name)) continue;
		shown[name] = typeof value === 'string' ? value : [...value];
	}
	return shown;
}
