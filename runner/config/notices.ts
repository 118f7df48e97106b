import type { Role } from '../roles.ts';
import type { Config } from './config.ts';

/** Hints about a config that works but may not be what the operator wants. */
export function noticesOf({ notify }: Config, roles: ReadonlySet<Role>): readonly string[] {
	return roles.has('worker') && !notify ? [NOBODY_TOLD] : [];
}

const NOBODY_TOLD =
	'webhook_health.notify is not set: when an endpoint fails or is disabled, only this log, GET /operational-events and the metric sureping_endpoints show it';
