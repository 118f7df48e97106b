import { type IDataObject, type IHookFunctions, NodeOperationError } from 'n8n-workflow';
import { unusableUrl } from '../http/unusable-url.ts';
import { joined } from './called-url.ts';
import { registrarOf } from './registrar.ts';

/** The URL of this node's webhook: the test URL while it listens for a test event, else the production URL. */
export function webhookUrl(context: IHookFunctions): string {
	const url = context.getNodeWebhookUrl('default');
	if (url === undefined) {
		throw new NodeOperationError(context.getNode(), 'n8n gave this node no webhook URL');
	}
	const { runnerUrl } = context.getNodeParameter('options', {}) as IDataObject; // a collection
	const address = typeof runnerUrl === 'string' ? runnerUrl.trim() : '';
	if (address === '' || registrarOf(context) !== 'sureping') return url;
	const unusable = unusableUrl(address);
	if (!unusable) return joined(address, url);
	throw new NodeOperationError(context.getNode(), `URL the Runner Calls: ${unusable.detail}`, {
		description: 'Enter the address at which the runner reaches n8n, such as http://n8n:5678.',
	});
}
