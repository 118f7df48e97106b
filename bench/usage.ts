// Resource usage of processes, from Linux's /proc (proc(5)).
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** USER_HZ, which every architecture that Node runs on has at 100 (time(7)). */
const TICKS_PER_SECOND = 100;

export interface Usage {
	/** Processor time so far, in seconds, of the processes and the children that they have waited for. */
	readonly cpuSeconds: number;
	/** Memory held now (VmRSS) and the most that was ever held (VmHWM), in MB. */
	readonly rssMb: number;
	readonly peakMb: number;
}

/** The sum over the processes. */
export function usageOf(children: readonly ChildProcess[]): Usage {
	let [cpuSeconds, rssMb, peakMb] = [0, 0, 0];
	for (const { pid } of children) {
		// The second field is the program's name in brackets, which may hold blanks; utime to cstime are 14 to 17.
		const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
		for (const ticks of fields.slice(11, 15)) cpuSeconds += Number(ticks) / TICKS_PER_SECOND;
		const status = readFileSync(`/proc/${pid}/status`, 'utf8');
		rssMb += Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
		peakMb += Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
	}
	return { cpuSeconds, rssMb, peakMb };
}
