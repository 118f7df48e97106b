// A channel or an endpoint that misbehaves as the seed says, and notes what comes before it does anything.
// Arguments: the run's directory, the seed, `channel` or `endpoint`. Prints the port that it listens on.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Journal } from '../journal.ts';
import { type Behaviour, behaviourOf, RETRY_AFTER_S } from '../misbehaviour.ts';
import { JOURNALS, LIFE_HEADER, type SinkLine } from '../records.ts';

const [directory = '.', seed = '', name = 'channel'] = process.argv.slice(2);
const journal = new Journal<SinkLine>(
	join(directory, name === 'channel' ? JOURNALS.channel : JOURNALS.endpoint),
);

const SLOW_MS = 150;
const DRIP_MS = 100;
/** Longer than any timeout of the runs. */
const LONGEST_MS = 5_000;

/** Number of requests about the same thing that came to a path. */
const times = new Map<string, number>();
let requests = 0;

type Fields = Pick<SinkLine & { kind: 'came' }, 'n' | 'idempotencyKey' | 'events'>;

/** The subject of a request, in words that are the same in every run, and the part of it that goes into the journal. */
function readRequest(request: IncomingMessage, body: string): { about: string; fields: Fields } {
	// Written by the runner under test; what does not have this form stops the sink, and with it the run.
	const parsed = JSON.parse(body) as {
		text?: string;
		metadata?: { n: number };
		events?: readonly WireEvent[];
	};
	if (name === 'channel') {
		const n = parsed.metadata?.n ?? Number(/number (\d+);/.exec(parsed.text ?? '')?.[1]);
		const idempotencyKey = request.headers['idempotency-key'];
		return {
			about: String(n),
			fields: { n, ...(typeof idempotencyKey === 'string' ? { idempotencyKey } : {}) },
		};
	}
	// One event is the body itself.
	const events = parsed.events ?? [parsed as unknown as WireEvent];
	const [first] = events;
	return {
		about: `${first?.metadata.n} ${first?.channel} ${first?.recipient} ${first?.sequence}`,
		fields: { events: events.map(({ event_id }) => event_id) },
	};
}

interface WireEvent {
	readonly event_id: string;
	readonly metadata: { readonly n: number };
	readonly channel: string;
	readonly recipient: string;
	readonly sequence: number;
}

function answer(response: ServerResponse, behaviour: Behaviour): void {
	const { socket } = response;
	switch (behaviour) {
		case 'ok':
			response.end('ok');
			return;
		case 'slow':
			setTimeout(() => response.end('ok'), SLOW_MS);
			return;
		case 'wrong':
			response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome</html>');
			return;
		case 'error':
			response.writeHead(500).end('no');
			return;
		case 'busy':
			response.writeHead(429, { 'retry-after': String(RETRY_AFTER_S) }).end();
			return;
		case 'refuse':
			response.writeHead(400).end('no');
			return;
		case 'hang':
			setTimeout(() => socket?.destroy(), LONGEST_MS);
			return;
		case 'reset':
			socket?.resetAndDestroy();
			return;
		case 'cut':
			response.writeHead(200, { 'content-length': '100' });
			response.write('ok', () => socket?.destroy());
			return;
		case 'drip': {
			response.writeHead(200);
			const drip = setInterval(() => response.write('.'), DRIP_MS);
			setTimeout(() => socket?.destroy(), LONGEST_MS);
			response.once('close', () => clearInterval(drip));
			return;
		}
	}
}

const server = createServer((request, response) => {
	const chunks: Buffer[] = [];
	request.on('data', (chunk: Buffer) => chunks.push(chunk));
	request.on('end', () => {
		const { pathname: path } = new URL(request.url ?? '', 'http://sink');
		const { about, fields } = readRequest(request, Buffer.concat(chunks).toString());
		const time = (times.get(`${path} ${about}`) ?? 0) + 1;
		times.set(`${path} ${about}`, time);
		const behaviour = behaviourOf(seed, path, about, time);
		const life = request.headers[LIFE_HEADER];
		const number = ++requests;
		journal.write({
			kind: 'came',
			request: number,
			path,
			...(typeof life === 'string' ? { life } : {}),
			behaviour,
			...fields,
		});
		// Emitted once, also when the answer was complete.
		response.once('close', () => {
			journal.write({ kind: response.writableFinished ? 'answered' : 'cut', request: number });
		});
		answer(response, behaviour);
	});
});
// A connection that is closed just when a request is on its way would look like a misbehaviour that was not planned.
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => {
	// An AddressInfo, as this listens on TCP.
	console.log(`listening ${(server.address() as AddressInfo).port}`);
});
process.stdin.resume().once('end', () => process.exit());
