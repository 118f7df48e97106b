import type { LookupAddress } from 'node:dns';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpReply, TransportFailure } from '@sureping/engine';
import { createHttpTransport, type HttpTransport } from '../../runner/transport/http/index.ts';
import { type SecuritySettings, UrlGuard } from '../../runner/transport/url-guard.ts';
import type { Resolver } from '../../runner/transport/guarded-names.ts';

const STRICT: SecuritySettings = { allow_http: false, allow_hosts: [], allow_networks: [] };
const PUBLIC = '93.184.215.14';

/** A resolver that gives these addresses, one list after the other; the last one stays. */
function answers(...lists: readonly string[][]): Resolver & { readonly asked: string[] } {
	const asked: string[] = [];
	const resolver = async (host: string): Promise<LookupAddress[]> => {
		asked.push(host);
		const list = lists[Math.min(asked.length, lists.length) - 1] ?? [];
		if (list.length === 0) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
		return list.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
	};
	return Object.assign(resolver, { asked });
}

function guard(settings: Partial<SecuritySettings> = {}, resolver: Resolver = answers([PUBLIC])) {
	return new UrlGuard({ ...STRICT, ...settings }, resolver);
}

describe('URLs from callers', () => {
	it.each([
		'https://example.com/hook?x=1',
		'https://example.com:8443/hook',
		'https://93.184.215.14/hook',
		'https://[2606:4700::1111]/hook',
		// 8.8.8.8 behind NAT64, as an IPv6-only host resolves it.
		'https://[64:ff9b::808:808]/hook',
	])('may lead to %s', async (url) => {
		expect(await guard().refuse(url)).toBeUndefined();
	});

	it.each([
		// 169.254.169.254, where clouds keep credentials.
		['https://169.254.169.254/', 'linkLocal'],
		['https://2852039166/', 'linkLocal'],
		['https://0xa9fea9fe/', 'linkLocal'],
		['https://0251.0376.0251.0376/', 'linkLocal'],
		['https://169.254.43518/', 'linkLocal'],
		['https://0xa9.254.0251.0xfe/', 'linkLocal'],
		['https://169.254.169.254./', 'linkLocal'],
		['https://[::ffff:169.254.169.254]/', 'linkLocal'],
		['https://[::ffff:a9fe:a9fe]/', 'linkLocal'],
		['https://[64:ff9b::a9fe:a9fe]/', 'linkLocal'],
		['https://[::169.254.169.254]/', 'reserved'],
		['https://[2002:a9fe:a9fe::1]/', '6to4'],
		['https://１６９.254.169.254/', 'linkLocal'],
		['https://169。254。169。254/', 'linkLocal'],
		// The other clouds' places.
		['https://[fd00:ec2::254]/', 'uniqueLocal'],
		['https://100.100.100.200/', 'carrierGradeNat'],
		['https://192.0.0.192/', 'reserved'],
		['https://168.63.129.16/', 'metadata'],
		// This machine and this network.
		['https://127.0.0.1/', 'loopback'],
		['https://127.1/', 'loopback'],
		['https://2130706433/', 'loopback'],
		['https://0177.0.0.1/', 'loopback'],
		['https://[::1]/', 'loopback'],
		['https://[::127.0.0.1]/', 'reserved'],
		['https://0.0.0.0/', 'unspecified'],
		['https://0/', 'unspecified'],
		['https://[::]/', 'unspecified'],
		['https://10.0.0.1/', 'private'],
		['https://172.16.0.1/', 'private'],
		['https://192.168.0.1/', 'private'],
		['https://[fe80::1]/', 'linkLocal'],
		['https://[4000::1]/', 'reserved'],
		['https://[64:ff9b:1::1]/', 'rfc6052'],
		['https://224.0.0.1/', 'multicast'],
		['https://255.255.255.255/', 'broadcast'],
		['https://198.18.0.1/', 'reserved'],
		['https://240.0.0.1/', 'reserved'],
	])('may not lead to %s', async (url, kind) => {
		const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
		expect(await guard().refuse(url)).toBe(
			`leads to a ${kind} address; to allow this host, add "${host}" to security.allow_hosts`,
		);
	});

	it.each(['localhost', 'localhost.', 'LOCALHOST', 'api.localhost', 'db.internal', 'n8n'])(
		'may not name %s, whether it resolves here or not',
		async (host) => {
			const shown = host.toLowerCase().replace(/\.$/, '');
			const setting = `add "${shown}" to security.allow_hosts`;
			const url = `https://${host}/x`;
			expect(await guard({}, answers(['127.0.0.1'])).refuse(url)).toContain(setting);
			expect(await guard({}, answers([])).refuse(url)).toContain(setting);
		},
	);

	it.each(['metadata', 'metadata.google.internal', 'instance-data.ec2.internal'])(
		'may not name the cloud’s %s',
		async (host) => {
			expect(await guard({}, answers([])).refuse(`https://${host}/`)).toContain(
				`add "${host}" to security.allow_hosts`,
			);
		},
	);

	it('may not name a host if only one of its addresses is private', async () => {
		const mixed = guard({}, answers([PUBLIC, '2606:4700::1111', '10.0.0.1']));
		expect(await mixed.refuse('https://mixed.example/')).toContain(
			'does not lead to a public address',
		);
	});

	it('are refused in words that tell nothing of what names of this network resolve to', async () => {
		const lists = [['10.0.0.1'], ['127.0.0.1'], ['169.254.169.254'], ['fd00::1'], [PUBLIC], []];
		for (const settings of [{}, { allow_networks: ['192.0.2.0/24'] }]) {
			const texts = lists.map((list) =>
				guard(settings, answers(list)).refuse('https://db.internal/'),
			);
			const ofPrivate = new Set((await Promise.all(texts)).map(String));
			expect(ofPrivate).toEqual(
				new Set([
					'is a name of a private network; to allow this host, add "db.internal" to security.allow_hosts',
				]),
			);
			const others = lists
				.slice(0, 4)
				.map((list) => guard(settings, answers(list)).refuse('https://db.example.com/'));
			expect(new Set(await Promise.all(others)).size).toBe(1);
		}
	});

	it('may name a public host that does not resolve yet', async () => {
		expect(await guard({}, answers([])).refuse('https://soon.example.com/')).toBeUndefined();
	});

	it.each([
		['ftp://example.com/', 'must be an https URL'],
		['file:///etc/passwd', 'must be an https URL'],
		['javascript:alert(1)', 'must be an https URL'],
		['https://', 'must be an absolute URL'],
		['//example.com/', 'must be an absolute URL'],
		['https://user@example.com/', 'must not hold a user name or password'],
		['https://:pw@example.com/', 'must not hold a user name or password'],
		['https://example.com@127.0.0.1/', 'must not hold a user name or password'],
		['https://exam\nple.com/', 'must not hold spaces or control characters'],
		['https://example.com/a\r\nX-Injected: 1', 'must not hold spaces or control characters'],
		[' https://example.com/', 'must not hold spaces or control characters'],
		[
			'http://example.com/',
			'must use https; to allow this host over http, add "example.com" to security.allow_hosts, or set security.allow_http',
		],
		[
			'https://example.com:25/',
			'must not use port 25, which is not for HTTP; to allow this host, add "example.com" to security.allow_hosts',
		],
	])('are refused as %j', async (url, refusal) => {
		expect(await guard().refuse(url)).toBe(refusal);
	});

	it('are not looked up for longer than a caller should wait', async () => {
		jest.useFakeTimers();
		try {
			const never = new UrlGuard(STRICT, () => new Promise(() => undefined));
			const refusal = never.refuse('https://slow.example/');
			await jest.advanceTimersByTimeAsync(5_000);
			expect(await refusal).toBeUndefined();
		} finally {
			jest.useRealTimers();
		}
	});
});

describe('what the operator allows', () => {
	it('passes by host, over http, to a private address and to any port', async () => {
		const allowed = guard(
			{ allow_hosts: ['n8n', 'LOCALHOST.', '[::1]', '127.0.0.1'] },
			answers([]),
		);
		for (const url of [
			'http://n8n:5678/webhook/x',
			'http://localhost:25/',
			'https://localhost./',
			'http://[::1]:5678/',
			'http://2130706433/',
		]) {
			expect(await allowed.refuse(url)).toBeUndefined();
		}
		expect(await allowed.refuse('http://n8n.example/')).toContain('must use https');
	});

	it('passes by network, over http too, whether named or as an address', async () => {
		const allowed = guard({ allow_networks: ['10.0.0.0/8', 'fd00::/8'] }, answers(['10.1.2.3']));
		for (const url of [
			'http://10.1.2.3:5678/',
			'https://[fd00::1]/',
			'http://[::ffff:10.1.2.3]/',
			'http://n8n:5678/x',
			'https://n8n.internal/x',
		]) {
			expect(await allowed.refuse(url)).toBeUndefined();
		}
		expect(await allowed.refuse('http://192.168.0.1/')).toContain('leads to a private address');
		const elsewhere = guard({ allow_networks: ['10.0.0.0/8'] }, answers([PUBLIC]));
		expect(await elsewhere.refuse('http://example.com/')).toContain('must use https');
	});

	it('is http alone where only http is allowed', async () => {
		const allowed = guard({ allow_http: true });
		expect(await allowed.refuse('http://example.com/')).toBeUndefined();
		expect(await allowed.refuse('http://127.0.0.1/')).toContain('leads to a loopback address');
	});

	it('does not make a name out of an address', async () => {
		const allowed = guard({ allow_hosts: ['127.0.0.1'] }, answers(['127.0.0.1']));
		expect(await allowed.refuse('https://sneaky.example/')).toContain('"sneaky.example"');
	});
});

describe('at the moment of connecting', () => {
	let server: Server;
	let port: number;
	let reached: (string | undefined)[];
	let transport: HttpTransport;

	beforeEach(async () => {
		reached = [];
		server = createServer((request, response) => {
			reached.push(`${request.headers.host} at ${request.socket.localAddress}`);
			if (request.url === '/redirect') {
				response.writeHead(302, { location: `http://127.0.0.1:${port}/elsewhere` });
			}
			response.end('ok');
		});
		await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
		port = (server.address() as AddressInfo).port; // It listens on TCP, so not a pipe's name.
	});
	afterEach(async () => {
		await transport.close();
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
	});

	const call = (guard: UrlGuard, url: string): Promise<HttpReply | TransportFailure> => {
		transport ??= createHttpTransport(guard);
		return transport.guarded({ method: 'POST', url, headers: {}, body: '{}', timeoutMs: 2_000 });
	};
	const over = (settings: Partial<SecuritySettings>, resolver: Resolver): UrlGuard => {
		const made = guard(settings, resolver);
		transport = createHttpTransport(made);
		return made;
	};

	it('refuses a name that was public when it was registered and is private now', async () => {
		const resolver = answers([PUBLIC], ['127.0.0.1']);
		const rebound = over({ allow_http: true }, resolver);
		const url = `http://rebind.example:${port}/`;
		expect(await rebound.refuse(url)).toBeUndefined();
		expect(await call(rebound, url)).toEqual({
			failure: 'refused_url',
			detail:
				'does not lead to a public address; to allow this host, add "rebind.example" to security.allow_hosts',
		});
		expect(reached).toEqual([]);
	});

	it('connects to the very address that was checked, with one look at the name', async () => {
		const resolver = answers(['127.0.0.1'], ['10.0.0.1']);
		const pinned = over({ allow_networks: ['127.0.0.1/32'] }, resolver);
		expect(await call(pinned, `http://pin.example:${port}/`)).toMatchObject({ status: 200 });
		expect(reached).toEqual([`pin.example:${port} at 127.0.0.1`]);
		expect(resolver.asked).toEqual(['pin.example']);
	});

	it('refuses plain http to what a network does not cover', async () => {
		const outside = over({ allow_networks: ['127.0.0.1/32'] }, answers([PUBLIC]));
		expect(await call(outside, `http://out.example:${port}/`)).toMatchObject({
			failure: 'refused_url',
			detail: expect.stringContaining('must use https'),
		});
	});

	it('lends a connection that is kept alive to no other host', async () => {
		const one = over({ allow_hosts: ['good.example'] }, answers(['127.0.0.1']));
		expect(await call(one, `http://good.example:${port}/`)).toMatchObject({ status: 200 });
		expect(await call(one, `http://good.example:${port}/`)).toMatchObject({ status: 200 });
		expect(await call(one, `http://evil.example:${port}/`)).toMatchObject({
			failure: 'refused_url',
		});
		expect(reached).toHaveLength(2);
	});

	it('does not follow a redirect', async () => {
		const one = over({ allow_hosts: ['good.example'] }, answers(['127.0.0.1']));
		expect(await call(one, `http://good.example:${port}/redirect`)).toMatchObject({ status: 302 });
		expect(reached).toHaveLength(1);
	});

	it('checks an address that is written in the URL as well', async () => {
		const strict = over({ allow_http: true }, answers(['127.0.0.1']));
		for (const host of ['127.0.0.1', '2130706433', '[::ffff:127.0.0.1]', '[::1]', '0']) {
			expect(await call(strict, `http://${host}:${port}/`)).toMatchObject({
				failure: 'refused_url',
			});
		}
		expect(reached).toEqual([]);
	});

	it('says so when a name has no address', async () => {
		const gone = over({ allow_http: true }, answers([]));
		expect(await call(gone, `http://gone.example:${port}/`)).toEqual({
			failure: 'connection',
			detail: 'ENOTFOUND',
		});
	});

	it('sends the user and password of the operator’s own URL as the header they stand for', async () => {
		over({}, answers([]));
		let authorization: string | undefined;
		server.prependListener('request', (request) => {
			authorization = request.headers.authorization;
		});
		await transport.trusted({
			method: 'POST',
			url: `http://ops:p%40ss@127.0.0.1:${port}/`,
			headers: {},
			timeoutMs: 2_000,
		});
		expect(authorization).toBe(`Basic ${Buffer.from('ops:p@ss').toString('base64')}`);
	});
});
