import type { IDataObject } from 'n8n-workflow';

/**
 * A service's answer about one notification: its state as an item, "not found", or an answer that the API does not
 * document.
 */
export type StatusReading = { readonly item: IDataObject } | 'absent' | 'unreadable';
