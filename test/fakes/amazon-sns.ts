import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { selfSigned } from '../support/self-signed.ts';

/** The host of the scenes' certificate. */
const HOST = 'sns.us-west-2.amazonaws.com';

export interface AmazonSns {
	/** A proxy, for `https_proxy`: behind it there is Amazon SNS and nothing else. */
	readonly proxyUrl: string;
	/** The certificate (PEM) of its HTTPS, for NODE_EXTRA_CA_CERTS. */
	readonly authority: string;
	/** The paths that were asked for, oldest first. */
	readonly requests: readonly string[];
	close(): Promise<void>;
}

/**
 * Amazon SNS as a machine without internet reaches it: through a proxy, under its own name and over HTTPS.
 * @param signing the certificate (PEM) that its messages are signed with, at every path that ends in `.pem`
 */
export async function startAmazonSns(signing: string): Promise<AmazonSns> {
	const requests: string[] = [];
	const { key, cert } = selfSigned(HOST);
	const secure = createSecureServer({ key, cert }, ({ url = '' }, response) => {
		requests.push(url);
		response.end(url.endsWith('.pem') ? signing : '<ConfirmSubscriptionResponse/>');
	});
	const securePort = await listen(secure);

	const sockets = new Set<Socket>();
	const proxy = createServer((_, response) => response.writeHead(403).end());
	proxy.on('connect', ({ url }, client: Socket) => {
		if (url !== `${HOST}:443`) {
			client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
			return;
		}
		const server = connect(securePort, '127.0.0.1', () => {
			client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
			server.pipe(client).pipe(server);
		});
		for (const socket of [server, client]) {
			sockets.add(socket);
			socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
		}
	});
	const port = await listen(proxy);

	return {
		proxyUrl: `http://127.0.0.1:${port}`,
		authority: cert,
		requests,
		async close() {
			for (const socket of sockets) socket.destroy();
			await Promise.all([proxy, secure].map((server) => new Promise((end) => server.close(end))));
		},
	};
}

async function listen(server: Server): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return (server.address() as AddressInfo).port; // It listens on TCP, so not a pipe's name.
}
