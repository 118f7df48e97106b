import type { IDisplayOptions } from 'n8n-workflow';

/** Shows a parameter where a notification is sent in one of these ways. */
export function sendingVia(...via: string[]): IDisplayOptions {
	return { show: { resource: ['notification'], operation: ['send'], via } };
}
