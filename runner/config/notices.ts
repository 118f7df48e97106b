import type { Role } from '../roles.ts';
import { isPostgres } from '../store/postgres/db/url.ts';
import type { Config } from './config.ts';

/**
 * Hints about a config that works but may not be what the operator wants. `isDemo`: it is the demo config, whose webhooks
 * are for trying out.
 */
export function noticesOf(
	{ notify, store }: Config,
	roles: ReadonlySet<Role>,
	isDemo: boolean,
): readonly string[] {
	if (!roles.has('worker')) return isPostgres(store ?? '') ? [] : [NOTHING_SENT];
	return notify || isDemo ? [] : [NOBODY_TOLD];
}

const NOTHING_SENT =
	'--role api: this process accepts and answers, and sends nothing; start it without --role to send what waits';

const NOBODY_TOLD =
	'webhook_health.notify is not set: when an endpoint fails or is disabled, only this log, GET /operational-events and the metric sureping_endpoints show it';
