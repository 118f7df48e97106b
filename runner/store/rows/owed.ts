import { BrokenRow } from '../contract/errors.ts';
import type { Callback } from '../contract/sends.ts';
import type { WebhookTarget } from '../contract/webhooks.ts';
import { fromJson } from './columns.ts';

/** A webhook delivery that only its event tells of. An endpoint is named by its id. */
interface Owed {
	readonly id: string;
	readonly endpoint?: string;
	readonly callback?: Callback;
}

/** The column `owed` of an event: null for none. */
export function owedJson(
	webhooks: readonly { readonly id: string; readonly to: WebhookTarget }[],
): string | null {
	if (webhooks.length === 0) return null;
	return JSON.stringify(
		webhooks.map(({ id, to }): Owed =>
			'endpoint' in to ? { id, endpoint: to.endpoint.id } : { id, callback: to.callback },
		),
	);
}

/** Reads the column `owed`. Throws a `BrokenRow`. */
export function toOwed(owed: unknown): readonly Owed[] {
	const list: unknown = fromJson(owed);
	if (Array.isArray(list) && list.every(isOwed)) return list;
	throw new BrokenRow('Its webhook deliveries are no list any more');
}

function isOwed(one: unknown): one is Owed {
	if (typeof one !== 'object' || one === null) return false;
	const { id, endpoint, callback }: Partial<Record<keyof Owed, unknown>> = one;
	if (typeof id !== 'string') return false;
	if (typeof endpoint === 'string') return true;
	return (
		typeof callback === 'object' &&
		callback !== null &&
		'url' in callback &&
		typeof callback.url === 'string' &&
		URL.canParse(callback.url)
	);
}
