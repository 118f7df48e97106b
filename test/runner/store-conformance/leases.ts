import type { Store } from '../../../runner/store/contract/index.ts';
import { START } from '../../support/dispatch-store.ts';
import type { StoreBed } from '../../support/store-bed.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { openBedOn } from './bed.ts';

const TASK = 'telegram:123456789';
const FOR_MS = 10_000;

describe('leases', () => {
	let clock: VirtualClock;
	let bed: StoreBed;
	let other: Store;
	/** One process has the file of a SQLite store, and so every task. */
	let isShared: boolean;

	beforeEach(async () => {
		clock = new VirtualClock(START);
		bed = await openBedOn(clock);
		other = await bed.another();
		isShared = other !== bed.store;
	});
	afterEach(() => bed.dispose());

	it('are held by one process, which renews them', async () => {
		expect(await bed.store.leases.hold(TASK, FOR_MS)).toEqual({});
		if (isShared) expect(await other.leases.hold(TASK, FOR_MS)).toBeUndefined();
		expect(await other.leases.hold('another task', FOR_MS)).toEqual({});
		clock.advance(FOR_MS - 1);
		expect(await bed.store.leases.hold(TASK, FOR_MS)).toEqual({});
		clock.advance(FOR_MS - 1);
		if (isShared) expect(await other.leases.hold(TASK, FOR_MS)).toBeUndefined();
	});

	it('of a process that died are taken over when their time is over', async () => {
		await bed.store.leases.hold(TASK, FOR_MS);
		clock.advance(FOR_MS);
		expect(await other.leases.hold(TASK, FOR_MS)).toEqual({});
		if (isShared) expect(await bed.store.leases.hold(TASK, FOR_MS)).toBeUndefined();
	});

	it('that are given up can be taken at once', async () => {
		await bed.store.leases.hold(TASK, FOR_MS);
		await other.leases.release(TASK);
		if (isShared) expect(await other.leases.hold(TASK, FOR_MS)).toBeUndefined();
		await bed.store.leases.release(TASK);
		expect(await other.leases.hold(TASK, FOR_MS)).toEqual({});
	});

	it('keep how far their task has come, beyond a restart', async () => {
		await bed.store.leases.hold(TASK, FOR_MS);
		await bed.store.leases.note({ lease: TASK, position: 7 });
		clock.advance(2_000);
		await bed.store.leases.note({ lease: TASK, position: 9 });
		await bed.store.leases.release(TASK);
		await bed.reopen();
		expect(await bed.store.leases.hold(TASK, FOR_MS)).toEqual({
			position: 9,
			notedAt: START + 2_000,
		});
	});

	it('take no note of a process that has lost them', async () => {
		await bed.store.leases.hold(TASK, FOR_MS);
		await bed.store.leases.note({ lease: TASK, position: 7 });
		clock.advance(FOR_MS);
		await other.leases.hold(TASK, FOR_MS);
		await other.leases.note({ lease: TASK, position: 8 });
		if (isShared) await bed.store.leases.note({ lease: TASK, position: 3 });
		expect(await other.leases.hold(TASK, FOR_MS)).toMatchObject({ position: 8 });
	});

	it('do not last longer than they may, after the clock was set back', async () => {
		await bed.store.leases.hold(TASK, 3_600_000);
		expect(await other.leases.hold(TASK, FOR_MS)).toEqual({});
	});
});
