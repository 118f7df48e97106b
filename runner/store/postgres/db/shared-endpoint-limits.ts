import type { RequestRate } from '@sureping/engine';
import type { Endpoint } from '../../contract/endpoints.ts';
import type { EndpointRequests, EndpointGates } from '../../contract/limits.ts';
import { fromJson } from '../../rows/columns.ts';
import type { Transaction } from './database.ts';
import { SharedLimits, type SharedLimitsOptions } from './shared-limits.ts';

/** Requests by the time at which they started, oldest first. */
interface Stored {
	readonly starts: readonly (readonly [at: number, requests: number])[];
	readonly probeAt?: number | undefined;
}

/** Times are kept as parts of a rate's window, so that a row stays small whatever the rate is. */
const PARTS = 1_000;

export interface SharedEndpointLimitsOptions extends Pick<
	SharedLimitsOptions,
	'database' | 'owner' | 'sharedNow'
> {
	/** The clock of this process and its gates; milliseconds since 1970. */
	now(): number;
}

/** Rates and probes of endpoints, which all processes share. */
export class SharedEndpointLimits {
	private readonly rows: SharedLimits;
	private readonly now: () => number;
	private gates: EndpointGates | undefined;
	private endpoints: ReadonlyMap<string, Endpoint> = new Map();

	constructor({ now, ...options }: SharedEndpointLimitsOptions) {
		this.now = now;
		this.rows = new SharedLimits({
			...options,
			table: 'endpoint_limits',
			keeper: {
				adopt: (id, state, aheadMs) => {
					const endpoint = this.endpoints.get(id);
					if (endpoint) this.gates?.adopt(endpoint, read(state, aheadMs));
				},
				share: (id, aheadMs) => {
					const endpoint = this.endpoints.get(id);
					const known = endpoint && this.gates?.share(endpoint);
					const state = JSON.stringify(
						toStored(known ?? { starts: [] }, endpoint?.rateLimit, aheadMs),
					);
					return { state, isProbed: false, undo: () => undefined };
				},
			},
		});
	}

	/** Runs `work` while no other process starts requests to these endpoints. One claim at a time. */
	async whileLocked<T>(
		endpoints: readonly Endpoint[],
		gates: EndpointGates,
		work: (sql: Transaction) => Promise<T>,
	): Promise<T> {
		this.gates = gates;
		this.endpoints = new Map(endpoints.map((endpoint) => [endpoint.id, endpoint]));
		return await this.rows.whileLocked([...this.endpoints.keys()], this.now, work);
	}
}

function read(text: string, aheadMs: number): EndpointRequests {
	const { starts = [], probeAt } = fromJson<Partial<Stored>>(text);
	return {
		starts: starts.flatMap(([at, requests]) => new Array<number>(requests).fill(at - aheadMs)),
		...(probeAt === undefined ? {} : { probeAt: probeAt - aheadMs }),
	};
}

/** Rounds starts up, never down, so that no window holds more of them than it may. */
function toStored(
	{ starts, probeAt }: EndpointRequests,
	rate: RequestRate | undefined,
	aheadMs: number,
): Stored {
	const part = Math.max(1, Math.floor((rate?.windowMs ?? 0) / PARTS));
	const counts = new Map<number, number>();
	for (const start of starts) {
		const at = Math.ceil((start + aheadMs) / part) * part;
		counts.set(at, (counts.get(at) ?? 0) + 1);
	}
	return { starts: [...counts], probeAt: probeAt === undefined ? undefined : probeAt + aheadMs };
}
