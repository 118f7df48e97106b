import { systemClock, type Timers } from '../../../runner/clock.ts';

/** The system's clock as an operator, NTP or a virtual machine's host may have moved it. Timers run on as they do then. */
export class ShiftedClock implements Timers {
	shiftMs: number;

	constructor(shiftMs: number) {
		this.shiftMs = shiftMs;
	}

	readonly now = (): number => systemClock.now() + this.shiftMs;
	readonly sleep = (ms: number): Promise<void> => systemClock.sleep(ms);
	readonly at = (time: number, action: () => void): { cancel(): void } =>
		systemClock.at(time - this.shiftMs, action);
}
