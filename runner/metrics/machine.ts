import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Gauge, type Registry } from 'prom-client';
import { freeBytesAt } from '../free-bytes.ts';
import { VERSION } from '../version.ts';

/** Metrics of the process and its disk. `file` is the SQLite database, undefined with PostgreSQL. */
export function addMachineMetrics(registry: Registry, file: string | undefined): void {
	const registers = [registry];
	new Gauge({
		name: 'sureping_build_info',
		help: 'Always 1; the labels say what is running',
		labelNames: ['version', 'store'],
		registers,
	}).set({ version: VERSION, store: file === undefined ? 'postgres' : 'sqlite' }, 1);
	if (file === undefined) return;
	new Gauge({
		name: 'sureping_database_bytes',
		help: 'Size of the SQLite database and its write-ahead log',
		registers,
		async collect() {
			const sizes = await Promise.all([file, `${file}-wal`].map(bytesOf));
			this.set(sizes.reduce((sum, size) => sum + size, 0));
		},
	});
	new Gauge({
		name: 'sureping_disk_free_bytes',
		help: 'Free space of the file system that the SQLite database is on',
		registers,
		async collect() {
			const free = await freeBytesAt(dirname(file));
			if (free !== undefined) this.set(free);
		},
	});
}

async function bytesOf(path: string): Promise<number> {
	// The log is not there after a checkpoint at the end.
	return await stat(path).then(
		({ size }) => size,
		() => 0,
	);
}
