import type { RunnerProcess } from './runner-process.ts';

/** Memory of the runner's process, from its metrics. */
export async function residentBytes(runner: RunnerProcess): Promise<number> {
	const { body } = await runner.get('/metrics');
	const [, bytes] = /^process_resident_memory_bytes ([\d.e+]+)$/m.exec(body) ?? [];
	if (bytes === undefined) throw new Error('The runner does not tell its memory');
	return Number(bytes);
}
