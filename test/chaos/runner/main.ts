// The runner as `sureping serve` runs it, with a clock that can be moved, a disk that can be full and points at which it
// dies. Arguments: the configuration file, the port, its orders. Prints a line when it is ready.
import { createInterface } from 'node:readline';
import { dirname } from 'node:path';
import { databaseFile } from '../../../runner/cli/database-file.ts';
import { loadConfig } from '../../../runner/config/load.ts';
import { createLog } from '../../../runner/log.ts';
import { Runner } from '../../../runner/runner.ts';
import { CrashPoints } from './crash-points.ts';
import type { LifeOrders, Order } from './orders.ts';
import { watchPostgres } from './postgres-commits.ts';
import { signRequests } from './sign-requests.ts';
import { ShiftedClock } from './shifted-clock.ts';
import { SqliteDisk } from './sqlite-disk.ts';

const [file = '', port = '0', written = '{}'] = process.argv.slice(2);
// The killer's own words.
const orders = JSON.parse(written) as LifeOrders;
const clock = new ShiftedClock(orders.shiftMs);
const points = new CrashPoints(orders);
const disk = new SqliteDisk(points);

watchPostgres(points);
signRequests(orders.life);

// Before the runner starts, which may take long: the clock moves all the same.
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
	const order = JSON.parse(line) as Order;
	if ('disk' in order) disk.set(order.disk);
	else clock.shiftMs = order.shiftMs;
});
// The process that would end this one is gone.
lines.once('close', () => process.kill(process.pid, 'SIGKILL'));

const config = loadConfig(file, process.env);
const runner = await Runner.open({
	config,
	file: databaseFile(config, dirname(file)),
	log: createLog(config.logLevel),
	print: () => undefined,
	clock,
	around: (store) => points.around(store),
});
process.once('SIGTERM', () => {
	lines.removeAllListeners('close').close();
	process.stdin.destroy();
	void runner.stop();
});

console.log(await runner.listen('127.0.0.1', Number(port)));
