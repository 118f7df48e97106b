// Loaded into the runner that is attacked: tells what it holds and what it has used, when the test asks.
import { readdirSync } from 'node:fs';

const openFiles = () => {
	try {
		return readdirSync('/proc/self/fd').length;
	} catch {
		return 0;
	}
};

const threadMs = () => {
	const { user, system } = process.threadCpuUsage();
	return (user + system) / 1000;
};

/** Processor time of the longest turn of the event loop since it was asked for; milliseconds. */
let longestTurnMs = 0;
let isWatching = false;
const watchTurns = () => {
	if (isWatching) return;
	isWatching = true;
	let before = threadMs();
	const look = () => {
		const now = threadMs();
		longestTurnMs = Math.max(longestTurnMs, now - before);
		before = now;
		if (isWatching) setImmediate(look);
	};
	setImmediate(look);
};

process.on('message', ({ id, turns }) => {
	const { user, system } = process.cpuUsage();
	if (turns === true) watchTurns();
	if (turns === false) isWatching = false;
	process.send({
		id,
		cpuMs: (user + system) / 1000,
		longestTurnMs,
		residentBytes: process.memoryUsage.rss(),
		openFiles: openFiles(),
	});
	longestTurnMs = 0;
});
process.channel?.unref();
