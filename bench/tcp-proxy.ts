// `fork('bench/tcp-proxy.ts', [PORT, MILLISECONDS])`: a way to a TCP server that takes so long in that direction, in a
// process of its own. It sends its port as its first message, and answers each message with the round trips so far: the
// times that a client spoke after it had heard the server.
import { connect, createServer } from 'node:net';

const [port = '0', delay = '0'] = process.argv.slice(2);
const delayMs = Number(delay);
let roundTrips = 0;

const server = createServer({ noDelay: true }, (client) => {
	const upstream = connect({ port: Number(port), host: '127.0.0.1', noDelay: true });
	let heard = true;
	client.on('data', (chunk: Buffer) => {
		if (heard) roundTrips++;
		heard = false;
		if (delayMs === 0) upstream.write(chunk);
		// Timers of one length fire in their order.
		else setTimeout(() => upstream.write(chunk), delayMs);
	});
	upstream.on('data', (chunk: Buffer) => {
		heard = true;
		client.write(chunk);
	});
	for (const [one, other] of [
		[client, upstream],
		[upstream, client],
	] as const) {
		one.on('error', () => other.destroy());
		one.on('close', () => setTimeout(() => other.destroy(), delayMs));
	}
});
server.listen(0, '127.0.0.1', () => {
	const address = server.address();
	if (typeof address === 'object' && address) process.send?.(address.port);
});
process.on('message', () => process.send?.(roundTrips));
