import { request } from 'node:http';
import { API_KEY, type RunnerProcess, startRunner } from '../support/runner-process.ts';

describe('the host that a request is for', () => {
	let runner: RunnerProcess;
	beforeAll(async () => {
		runner = await startRunner({
			public_url: 'https://ping.example.com:8443/base',
			security: { hosts: ['runner.internal', 'Other.Example.COM'] },
		});
	});
	afterAll(() => runner.dispose());

	interface Seen {
		readonly status: number;
		readonly type: string;
		readonly body: string;
	}
	const get = (path: string, host: string): Promise<Seen> =>
		new Promise((resolve, reject) => {
			const headers = { host, authorization: `Bearer ${API_KEY}` };
			request(`${runner.url}${path}`, { headers }, (response) => {
				let body = '';
				response.on('data', (chunk: Buffer) => (body += chunk.toString()));
				response.on('end', () =>
					resolve({
						status: response.statusCode ?? 0,
						type: response.headers['content-type'] ?? '',
						body,
					}),
				);
			})
				.on('error', reject)
				.end();
		});

	it.each([
		'127.0.0.1',
		'127.0.0.1:8477',
		'[::1]:8477',
		'192.168.1.20',
		'localhost',
		'LOCALHOST:8477',
		'runner.localhost',
		'sureping',
		'sureping:8477',
		'ping.example.com',
		'ping.example.com:8443',
		'PING.example.com.',
		'runner.internal',
		'other.example.com',
	])('may be %s', async (host) => {
		for (const path of ['/events', '/docs', '/metrics', '/']) {
			expect((await get(path, host)).status).toBe(200);
		}
	});

	it.each([
		'evil.example',
		'evil.example:8477',
		'127.0.0.1.nip.io',
		'localhost.evil.example',
		'ping.example.com.evil.example',
		'a b',
		'user@127.0.0.1',
		'evil.example/127.0.0.1',
	])('may not be %s', async (host) => {
		for (const path of [
			'/',
			'/docs',
			'/docs/static/swagger-ui.css',
			'/openapi.json',
			'/metrics',
			'/events',
			'/nothing',
		]) {
			const { status, type, body } = await get(path, host);
			expect([status, type]).toEqual([421, expect.stringContaining('application/problem+json')]);
			expect(JSON.parse(body)).toMatchObject({
				status: 421,
				detail: expect.stringContaining('does not answer'),
			});
		}
	});

	it('is the target’s own where that is a whole URL (RFC 9112 §3.2.2)', async () => {
		const through = (target: string): Promise<number> =>
			new Promise((resolve, reject) => {
				const { hostname, port } = new URL(runner.url);
				const headers = { host: 'localhost', authorization: `Bearer ${API_KEY}` };
				request({ hostname, port, path: target, headers }, (response) => {
					response.resume();
					resolve(response.statusCode ?? 0);
				})
					.on('error', reject)
					.end();
			});
		expect(await through('http://evil.example/version')).toBe(421);
		expect(await through('http://runner.internal/version')).toBe(200);
	});

	it('names the setting that would allow it', async () => {
		expect(JSON.parse((await get('/events', 'evil.example:1')).body).detail).toContain(
			'add "evil.example" to security.hosts',
		);
	});

	it('does not matter to an orchestrator’s probes', async () => {
		for (const path of ['/healthz', '/readyz']) {
			expect((await get(path, 'pod-7.cluster.example')).status).toBe(200);
		}
	});
});

describe('the pages that need no key', () => {
	let runner: RunnerProcess;
	beforeAll(async () => {
		runner = await startRunner();
	});
	afterAll(() => runner.dispose());

	it('say at the root what this is and where to read on', async () => {
		const { status, body } = await runner.get('/');
		expect(status).toBe(200);
		expect(body).toMatchObject({ name: 'Sureping', docs: '/docs', openapi: '/openapi.json' });
		for (const path of [body.docs, body.openapi, body.health]) {
			expect((await runner.get(path)).status).toBe(200);
		}
	});

	it('load scripts from here alone, may not be framed, and keep no key in the browser', async () => {
		for (const path of ['/docs', '/docs/']) {
			const page = await runner.get(path);
			const policy = page.headers.get('content-security-policy') ?? '';
			expect(policy).toContain("default-src 'none'");
			expect(policy).toContain("script-src 'self';");
			expect(policy).toContain("frame-ancestors 'none'");
			expect(page.body).not.toMatch(/<script(?! src="\/docs\/static\/)/);
			const files = [...String(page.body).matchAll(/(?:src|href)="([^"]+)"/g)].map(
				([, file]) => file,
			);
			expect(files.length).toBeGreaterThan(5);
			for (const file of files) {
				const answer = await runner.get(file ?? '');
				expect([file, answer.status]).toEqual([file, 200]);
				expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
			}
		}
		const script = await runner.get('/docs/static/swagger-initializer.js');
		expect(script.body).toContain('persistAuthorization: false');
	});
});
