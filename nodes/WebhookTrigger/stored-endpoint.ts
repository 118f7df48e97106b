import type { IHookFunctions, IWebhookFunctions } from 'n8n-workflow';
import { z } from 'zod/v4';

/** What the node remembers of its endpoint at the runner, in the workflow's static data as GithubTrigger does. */
const storedSchema = z.object({
	endpointId: z.string().min(1),
	secret: z.string().min(1),
	/** The event filter that it was registered with. */
	events: z.array(z.string()),
});
export type StoredEndpoint = z.infer<typeof storedSchema>;

type Context = IHookFunctions | IWebhookFunctions;

export function storedEndpoint(context: Context): StoredEndpoint | undefined {
	return storedSchema.safeParse(context.getWorkflowStaticData('node')).data;
}

export function storeEndpoint(context: Context, endpoint: StoredEndpoint): void {
	Object.assign(context.getWorkflowStaticData('node'), endpoint);
}

export function forgetEndpoint(context: Context): void {
	const data = context.getWorkflowStaticData('node');
	delete data.endpointId;
	delete data.secret;
	delete data.events;
}
