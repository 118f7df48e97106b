import type { Endpoint } from '../store/contract/endpoints.ts';

/** Endpoints with a label of their own. Each costs Prometheus a few series, and an API key may make thousands of endpoints. */
export const MOST_ENDPOINT_LABELS = 200;
/** The label of all other endpoints together. */
export const OTHER_ENDPOINTS = 'other';
/** The label of the callbacks that sends name. */
export const CALLBACKS = 'callback';

type Labelled = Pick<Endpoint, 'id' | 'name' | 'source'>;

/**
 * The names of endpoints in metrics, which are read without a key. The operator chose the names in the config file; those
 * that came over the API may say anything, so the endpoint's id stands for them.
 */
export class EndpointLabels {
	private readonly labels = new Map<string, string>();
	private known: readonly Labelled[] | undefined;

	of(endpoint: Labelled | undefined): string {
		if (!endpoint) return CALLBACKS;
		const known = this.labels.get(endpoint.id);
		if (known !== undefined) return known;
		if (this.labels.size >= MOST_ENDPOINT_LABELS) return OTHER_ENDPOINTS;
		const label = labelOf(endpoint);
		this.labels.set(endpoint.id, label);
		return label;
	}

	/** Forgets endpoints that are gone or renamed, and returns the labels that are no longer in use. */
	retain(endpoints: readonly Labelled[]): readonly string[] {
		if (endpoints === this.known) return [];
		this.known = endpoints;
		const now = new Map(endpoints.map((one) => [one.id, labelOf(one)]));
		const gone = [...this.labels].filter(([id, label]) => now.get(id) !== label);
		for (const [id] of gone) this.labels.delete(id);
		const used = new Set(this.labels.values());
		return gone.map(([, label]) => label).filter((label) => !used.has(label));
	}
}

const labelOf = ({ id, name, source }: Labelled): string => (source === 'config' ? name : id);
