import net from 'node:net';

/** Treatment of a client's requests. `lose-answer`: the server carries it out, and the connection breaks before its answer. */
type Fate = 'pass' | 'cut' | 'lose-answer';

/** A network between a store and its PostgreSQL, which loses what a test wants. */
export interface DatabaseProxy {
	/** The database, through this. */
	readonly url: string;
	/**
	 * Decides over what is sent with a statement whose text contains `text`, once. A statement that its connection has
	 * prepared is sent without its text.
	 */
	once(text: string, fate: () => Fate | Promise<Fate>): void;
	/** Nothing goes through the connections that there are, and nobody is told. New ones work. */
	silence(): void;
	close(): void;
}

/** ReadyForQuery outside of a transaction (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
const READY = Buffer.from('Z\0\0\0\x05I', 'latin1');

export async function databaseProxy(url: string): Promise<DatabaseProxy> {
	const to = new URL(url);
	const silent = new WeakSet<net.Socket>();
	const open = new Set<net.Socket>();
	const fates = new Map<string, () => Fate | Promise<Fate>>();

	const fateOf = (data: Buffer): Fate | Promise<Fate> => {
		for (const [text, fate] of fates) {
			if (!data.includes(text)) continue;
			fates.delete(text);
			return fate();
		}
		return 'pass';
	};
	const server = net.createServer((client) => {
		const upstream = net.connect(Number(to.port), to.hostname);
		const cut = (): void => {
			client.destroy();
			upstream.destroy();
		};
		let losesAnswer = false;
		let before = Promise.resolve();
		client.on('data', (data) => {
			if (silent.has(client)) return;
			before = before.then(async () => {
				const fate = await fateOf(data);
				if (fate === 'cut') return cut();
				losesAnswer ||= fate === 'lose-answer';
				upstream.write(data);
			});
		});
		upstream.on('data', (data) => {
			if (silent.has(client)) return;
			if (!losesAnswer) client.write(data);
			else if (data.includes(READY)) cut();
		});
		for (const socket of [client, upstream]) {
			open.add(socket);
			socket.on('error', cut);
			socket.on('close', () => {
				open.delete(socket);
				cut();
			});
		}
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('It listens on a port');
	const through = new URL(url);
	through.hostname = '127.0.0.1';
	through.port = String(address.port);
	return {
		url: through.href,
		once: (text, fate) => void fates.set(text, fate),
		silence() {
			for (const socket of open) silent.add(socket);
		},
		close() {
			server.close();
			for (const socket of open) socket.destroy();
		},
	};
}
