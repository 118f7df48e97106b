import type { IHookFunctions, IWebhookFunctions } from 'n8n-workflow';
import { z } from 'zod/v4';

type Context = IHookFunctions | IWebhookFunctions;

/** The node's webhook at Pingram, kept in the workflow's static data; a test has static data of its own. */
const storedSchema = z.object({
	url: z.string().min(1),
	secret: z.string().min(1),
	/** The webhook that was configured before, to be restored. */
	previous: z.object({ webhook: z.string(), events: z.array(z.string()) }).optional(),
});
export type StoredPingram = z.infer<typeof storedSchema>;

export function storedPingram(context: Context): StoredPingram | undefined {
	return storedSchema.safeParse(context.getWorkflowStaticData('node').pingram).data;
}

export function storePingram(context: Context, stored: StoredPingram): void {
	context.getWorkflowStaticData('node').pingram = stored;
}

export function forgetPingram(context: Context): void {
	delete context.getWorkflowStaticData('node').pingram;
}
