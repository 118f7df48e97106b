// The channel and the endpoint of a benchmark, in a process of their own: take everything, count, and answer
// at once, or after the milliseconds of the first argument.
import { createServer } from 'node:http';

const delayMs = Number(process.argv[2] ?? 0);
const counts = { channel: 0, endpoint: 0 };

const server = createServer((request, response) => {
	if (request.url === '/counts') {
		response.end(JSON.stringify(counts));
		return;
	}
	request.resume();
	request.on('end', () => {
		if (request.url === '/endpoint') counts.endpoint++;
		else counts.channel++;
		if (delayMs === 0) response.end('ok');
		else setTimeout(() => response.end('ok'), delayMs);
	});
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
	const address = server.address();
	if (typeof address === 'object' && address) console.log(`listening ${address.port}`);
});
