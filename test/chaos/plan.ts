import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One run, as its processes read it from `plan.json` in the run's directory. */
export interface ChaosPlan {
	readonly seed: string;
	/** Kills of runners, all of them together. */
	readonly kills: number;
	/** Stops of the database server meanwhile. */
	readonly stops: number;
	/** The sends open incidents. */
	readonly hasIncidents?: boolean;
	/** Sends per second. */
	readonly rate: number;
	/** As in a runner's configuration. */
	readonly store: string;
	/** The URLs of the runners, one per process. */
	readonly runners: readonly string[];
	/** The bundle that is run and killed. */
	readonly bundle: string;
	/** The runner's configuration file. */
	readonly config: string;
	readonly apiKey: string;
	/** For the `callback_url` of sends. */
	readonly callbackUrl: string;
}

const FILE = 'plan.json';

export const planFile = (directory: string): string => join(directory, FILE);

export function readPlan(directory: string): ChaosPlan {
	return JSON.parse(readFileSync(planFile(directory), 'utf8'));
}

/** Retry rules of the runs: short, so that a delivery's whole life fits between kills. Seconds. */
export const CHANNEL_RETRY = {
	delays_s: [0.3, 0.5, 0.8, 0.8, 0.8],
	jitter: 0.2,
	timeout_s: 0.8,
} as const;
/** Without jitter, so that due times can be computed from what is stored. */
export const WEBHOOK_RETRY = {
	delays_s: [0.2, 0.3, 0.5, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8],
	jitter: 0,
	timeout_s: 0.8,
} as const;

/** Names of the channel's connections, and so the sink's paths: `/webhook/main`. */
export const CONNECTIONS = [
	'webhook:main',
	'webhook:doomed',
	'webhook:doomed-too',
	'slack:ops',
] as const;
export type Connection = (typeof CONNECTIONS)[number];

/** Endpoints that get every event: one by one, and in batches. */
export const ENDPOINTS = ['single', 'batched'] as const;

export function writeConfig(
	sinks: { readonly channel: string; readonly endpoint: string },
	store: string,
	apiKey: string,
): Record<string, unknown> {
	return {
		store,
		api_keys: [
			{
				name: 'load',
				key: apiKey,
				scopes: ['send', 'read', 'respond'],
				webhook_secret: 'whsec_chaos_callback',
			},
		],
		security: { allow_http: true, allow_hosts: ['127.0.0.1'] },
		retry: CHANNEL_RETRY,
		webhook_retry: WEBHOOK_RETRY,
		// Of a hundred requests at once those that hang fail in a row. With the default, of 30 s, that pause would hide how long
		// the work of the killed waits.
		webhook_health: { breaker: { probe_s: 2 } },
		connections: CONNECTIONS.map((connection) => {
			const [channel, name] = connection.split(':');
			const url = `${sinks.channel}/${channel}/${name}`;
			return { name, channel, ...(channel === 'slack' ? { webhook_url: url } : { url }) };
		}),
		endpoints: ENDPOINTS.map((name) => ({
			name,
			url: `${sinks.endpoint}/${name}`,
			secret: 'whsec_chaos_endpoint',
			...(name === 'batched' ? { batch: { max_events: 20, max_wait_ms: 200 } } : {}),
		})),
		log_level: 'warn',
	};
}
