import type { IHookFunctions, IWebhookFunctions } from 'n8n-workflow';
import { z } from 'zod/v4';
import type { NewEndpoint } from './endpoint-api.ts';

/**
 * The node's endpoint at the runner, kept in the workflow's static data as n8n's GithubTrigger does. A test has static
 * data of its own.
 */
const storedSchema = z.object({
	endpointId: z.string().min(1),
	secret: z.string().min(1),
	/** Made for a test and removed after it. */
	isEphemeral: z.boolean().default(false),
});
export type StoredEndpoint = z.infer<typeof storedSchema>;

type Context = IHookFunctions | IWebhookFunctions;

export function storedEndpoint(context: Context): StoredEndpoint | undefined {
	return storedSchema.safeParse(context.getWorkflowStaticData('node')).data;
}

export function storeEndpoint(
	context: Context,
	{
		id,
		secret,
		isEphemeral = false,
	}: Pick<NewEndpoint, 'id' | 'secret'> & { isEphemeral?: boolean },
): void {
	const stored: StoredEndpoint = { endpointId: id, secret, isEphemeral };
	Object.assign(context.getWorkflowStaticData('node'), stored);
}

export function forgetEndpoint(context: Context): void {
	const data = context.getWorkflowStaticData('node');
	delete data.endpointId;
	delete data.secret;
	delete data.isEphemeral;
}
