// Resource usage of processes, from Linux's /proc (proc(5)).
import { globSync, readFileSync } from 'node:fs';

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
export function usageOf(processes: readonly { readonly pid?: number | undefined }[]): Usage {
	let [cpuSeconds, rssMb, peakMb] = [0, 0, 0];
	for (const { pid } of processes) {
		cpuSeconds += cpuSecondsOf(statOf(`/proc/${pid}/stat`));
		const status = readFileSync(`/proc/${pid}/status`, 'utf8');
		rssMb += Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
		peakMb += Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
	}
	return { cpuSeconds, rssMb, peakMb };
}

/** Processor time so far, in seconds, of a process and its children, those that have ended included. */
export function familyCpuSeconds(pid: number): number {
	const stats = globSync('/proc/[0-9]*/stat').map(statOf);
	const children = stats.filter((fields) => fields[PARENT] === String(pid));
	const all = [statOf(`/proc/${pid}/stat`), ...children];
	return all.reduce((sum, fields) => sum + cpuSecondsOf(fields), 0);
}

export const parentOf = (pid: number): number => Number(statOf(`/proc/${pid}/stat`)[PARENT]);

/** Bytes that a process has caused to be written to the disk. */
export function writtenBytes(pid: number | undefined): number {
	return Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
}

/** Places of fields in `statOf`. */
const PARENT = 1;
/** utime, stime, cutime, cstime */
const TIMES = [11, 15] as const;

const cpuSecondsOf = (fields: readonly string[]): number =>
	fields.slice(...TIMES).reduce((sum, ticks) => sum + Number(ticks) / TICKS_PER_SECOND, 0);

/** The fields after the program's name, which stands in brackets and may hold blanks. None of a process that has ended. */
function statOf(file: string): readonly string[] {
	try {
		return readFileSync(file, 'utf8')
			.replace(/^.*\) /s, '')
			.split(' ');
	} catch {
		return [];
	}
}
