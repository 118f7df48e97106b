import type { IDataObject } from 'n8n-workflow';

/**
 * What a service's answer says about one notification: its state as an item, that the service has no such notification,
 * or nothing, as the answer is not what the API documents.
 */
export type StatusReading = { readonly item: IDataObject } | 'absent' | 'unreadable';
