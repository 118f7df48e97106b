import { createIds, type WebhookDelivery } from '@sureping/engine';
import { SetClock, START } from './set-clock.ts';
import type { BedOptions, StoreBed } from './store-bed.ts';
import { WebhookStore } from './webhook-store.ts';

/** A `WebhookStore` for each test of a suite, with its clock. */
export class WebhookScene extends WebhookStore {
	private readonly hands: SetClock;

	constructor(hands = new SetClock()) {
		super(hands, null);
		this.hands = hands;
	}

	/** The time that the store goes by. */
	get now(): number {
		return this.hands.time;
	}

	set now(time: number) {
		this.hands.time = time;
	}

	/** The states of what an endpoint was owed, the newest first. */
	async states(endpointId: string): Promise<string[]> {
		const { items } = await this.store.webhooks.list({ endpointId }, { limit: 100 });
		return items.map(({ state }) => state);
	}

	/** Settles these after an attempt that was their last one. */
	async giveUp(deliveries: readonly WebhookDelivery[]): Promise<void> {
		await this.store.webhooks.settle(
			deliveries.map((one) => ({
				...one,
				state: 'exhausted' as const,
				attempts: [...one.attempts, { at: this.now, latencyMs: 1, status: 500 }],
			})),
		);
	}
}

/** Begins each test of the suite that calls this with a new store at `START`, and disposes of the store after it. */
export function webhookScene(openBed: (options: BedOptions) => Promise<StoreBed>): WebhookScene {
	const scene = new WebhookScene();
	beforeEach(async () => {
		scene.now = START;
		const now = (): number => scene.now;
		scene.bed = await openBed({ newId: createIds(now), now });
	});
	afterEach(() => scene.dispose());
	return scene;
}
