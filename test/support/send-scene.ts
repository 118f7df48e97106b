import type { Store } from '../../runner/store/contract/index.ts';
import { SendStore } from './send-store.ts';
import { SetClock, START } from './set-clock.ts';

type OpenBed = Parameters<SendStore['begin']>[0];

/** A `SendStore` for each test of a suite, with its clock. */
export class SendScene extends SendStore {
	private readonly hands: SetClock;

	constructor(hands = new SetClock()) {
		super(hands);
		this.hands = hands;
	}

	/** The time that the store goes by. */
	get now(): number {
		return this.hands.time;
	}

	set now(time: number) {
		this.hands.time = time;
	}

	/** Claims deliveries that are due, and resolves with their ids. */
	async claimedIds(limit = 100, store: Store = this.store): Promise<string[]> {
		const claimed = await store.deliveries.claim(this.now, limit);
		return claimed.map(({ deliveryId }) => deliveryId);
	}
}

/** Begins each test of the suite that calls this with a new store at `START`, and disposes of the store after it. */
export function sendScene(openBed: OpenBed): SendScene {
	return inEachTest(new SendScene(), openBed);
}

/** As `sendScene`, for a scene with more to it. */
export function inEachTest<Scene extends SendScene>(scene: Scene, openBed: OpenBed): Scene {
	beforeEach(async () => {
		scene.now = START;
		await scene.begin(openBed);
	});
	afterEach(() => scene.bed.dispose());
	return scene;
}
