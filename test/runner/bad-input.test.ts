import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { API_KEY, ended, type RunnerProcess, startRunner } from '../support/runner-process.ts';

describe('bad input', () => {
	let runner: RunnerProcess;
	const send = { message: 'hello', channels: ['console'] };

	beforeAll(async () => {
		runner = await startRunner({
			connections: [
				{ name: 'terminal', channel: 'console' },
				{
					name: 'mail',
					channel: 'email',
					resend: { api_key: 're_test_key' },
					from: 'a@example.com',
				},
			],
		});
	});
	afterAll(() => runner.dispose());

	const eventCount = async (): Promise<number> =>
		(await runner.get('/events?limit=1000')).body.events.length;

	/** Bytes on a connection of their own; everything that comes back. */
	const raw = (bytes: string | Buffer): Promise<string> =>
		new Promise((resolve, reject) => {
			let answer = '';
			const socket = connect(Number(new URL(runner.url).port), '127.0.0.1', () =>
				socket.write(bytes),
			);
			socket.on('data', (chunk) => (answer += chunk.toString()));
			socket.on('error', reject);
			socket.on('close', () => resolve(answer));
		});
	const headers = (...more: string[]): string =>
		['Host: x', `Authorization: Bearer ${API_KEY}`, 'Connection: close', ...more].join('\r\n');

	describe('in the body', () => {
		const metadata = (text: string): string =>
			`{"message":"x","channels":["console"],"metadata":${text}}`;

		it.each<[string, string, number, RegExp]>([
			['malformed JSON', '{bad', 400, /not JSON/],
			['half a document', '{"message":', 400, /not JSON/],
			['two documents', '{}{}', 400, /not JSON/],
			['a comment', '{/* */}', 400, /not JSON/],
			['NaN', metadata('{"a":NaN}'), 400, /not JSON/],
			['nothing', '', 400, /empty/],
			['white space', '  ', 400, /not JSON/],
			['null', 'null', 422, /object/],
			['a list', '[]', 422, /object/],
			['a text', '"hello"', 422, /object/],
			['__proto__ at the top', '{"__proto__":{"message":"x"}}', 422, /__proto__/],
			['__proto__ below', metadata('{"a":[{"__proto__":{"x":1}}]}'), 422, /__proto__/],
			['an escaped __proto__', metadata('{"\\u005f_proto__":{"x":1}}'), 422, /__proto__/],
			[
				'constructor.prototype',
				metadata('{"constructor":{"prototype":{"x":1}}}'),
				422,
				/constructor/,
			],
			[
				'50,000 nested arrays',
				metadata(`{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`),
				422,
				/nests deeper/,
			],
			[
				'50,000 nested objects',
				metadata(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`),
				422,
				/nests deeper/,
			],
			[
				'nested arrays where a text belongs',
				`{"message":${'['.repeat(200)}${']'.repeat(200)}}`,
				422,
				/nests deeper/,
			],
			[
				'half a surrogate pair in the message',
				'{"message":"\\ud800","channels":["console"]}',
				422,
				/message must not hold a NUL character or half of a surrogate pair/,
			],
			[
				'half a surrogate pair in metadata',
				metadata('{"a":["\\udc00"]}'),
				422,
				/metadata\.a\.0 must not hold/,
			],
			['a NUL in a name', metadata('{"a\\u0000":1}'), 422, /metadata has a name with a NUL/],
			['a NUL', metadata('{"a":"\\u0000"}'), 422, /metadata\.a must not hold a NUL/],
			['a number without end', metadata('{"a":1e400}'), 422, /metadata\.a must be a string/],
			[
				'a number that loses digits',
				metadata('{"a":12345678901234567890}'),
				422,
				/metadata\.a must be a string/,
			],
			[
				'a time that is none',
				'{"message":"x","channels":["console"],"send_at":"never"}',
				422,
				/send_at/,
			],
		])('answers %s with a problem document', async (_name, body, status, detail) => {
			const before = await eventCount();
			const answer = await runner.post('/send', body);
			expect(answer.status).toBe(status);
			expect(answer.headers.get('content-type')).toContain('application/problem+json');
			expect(answer.body).toMatchObject({ status, detail: expect.stringMatching(detail) });
			expect(await eventCount()).toBe(before);
		});

		it('refuses bytes that are not UTF-8', async () => {
			const body = Buffer.from('{"message":"\xff","channels":["console"]}', 'latin1');
			const head = headers('Content-Type: application/json', `Content-Length: ${body.length}`);
			const answer = await raw(
				Buffer.concat([Buffer.from(`POST /send HTTP/1.1\r\n${head}\r\n\r\n`), body]),
			);
			expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*is not valid UTF-8/);
		});

		it('answers 100 mistakes of 500,000, and repeats no more of a name than helps', async () => {
			const many = await runner.post('/send', {
				message: 'x',
				channels: new Array(400_000).fill(0),
			});
			expect(many.status).toBe(422);
			expect(many.body.errors.length).toBeLessThanOrEqual(100);
			const long = await runner.post('/send', { ...send, ['x'.repeat(900_000)]: 1 });
			expect(long.status).toBe(422);
			expect(JSON.stringify(long.body).length).toBeLessThan(2_000);
			const channel = await runner.post('/send', { ...send, channels: ['a'.repeat(900_000)] });
			expect(channel.status).toBe(422);
			expect(JSON.stringify(channel.body).length).toBeLessThan(4_000);
		});

		it('keeps and gives back what is unusual but sound', async () => {
			const unusual = {
				'': 'an empty name',
				toString: 1,
				hasOwnProperty: null,
				constructor: 'Ferrari',
				valueOf: { constructor: { name: 'x' } },
				controls: '\u0001\u001b[31m\u007f\u009b\r\n\t',
				text: '𝕏 \u2028 \u202e ﷽ e\u0301',
				numbers: [9007199254740991, -0.1, 1e-7, 0],
				nested: [[[{ constructor: 'Ferrari' }]]],
			};
			const { status, body } = await runner.post('/send', { ...send, metadata: unusual });
			expect(status).toBe(202);
			const stored = await ended(runner, body.notification_id);
			expect(stored.metadata).toEqual(unusual);
			expect(stored.events[0].metadata).toEqual(unusual);
		});

		it('lets a bad send of a batch keep none of the others back', async () => {
			const bad = '{"message":"\\ud800","channels":["console"]}';
			const good = JSON.stringify(send);
			const { status, body } = await runner.post(
				'/send/batch',
				`{"sends":[${good},${bad},${good}]}`,
			);
			expect(status).toBe(200);
			expect(body.results.map((one: { status: number }) => one.status)).toEqual([202, 422, 202]);
			expect(body.results[1].problem.detail).toContain('half of a surrogate pair');
		});

		it('changes no other object', async () => {
			await runner.post('/send', metadata('{"__proto__":{"polluted":true}}'));
			await runner.get('/notifications/__proto__');
			await runner.get('/events?__proto__=1&constructor=2');
			const { body } = await runner.post('/send', send);
			expect(await ended(runner, body.notification_id)).not.toHaveProperty('polluted');
		});
	});

	describe('in the headers', () => {
		it.each([
			['application/json', 202],
			['application/json; charset=utf-8', 202],
			['application/json;charset="UTF-8"', 202],
			['APPLICATION/JSON', 202],
			['application/vnd.api+json', 202],
			['application/problem+json; charset=utf-8', 202],
			['application/json; charset=latin1', 415],
			['application/json; charset=utf-16', 415],
			['text/plain', 415],
			['text/json', 415],
			['application/x-www-form-urlencoded', 415],
			['multipart/form-data; boundary=x', 415],
			['application/jsonx', 415],
			['json', 415],
		])('answers the content type %s with %d', async (type, status) => {
			const answer = await runner.post('/send', send, { 'content-type': type });
			expect(answer.status).toBe(status);
			if (status !== 202) expect(answer.body.status).toBe(status);
		});

		it.each(['application/x-www-form-urlencoded', 'text/plain', 'json', ';'])(
			'says what content type is taken in place of %s',
			async (type) => {
				const { body } = await runner.post('/send', send, { 'content-type': type });
				expect(body.detail).toBe('A body must be JSON, sent with "Content-Type: application/json"');
			},
		);

		it('refuses a compressed body', async () => {
			const answer = await runner.post('/send', send, { 'content-encoding': 'gzip' });
			expect([answer.status, answer.body.detail]).toEqual([
				415,
				'Compressed bodies are not supported',
			]);
			expect(answer.headers.get('accept-encoding')).toBe('identity');
		});

		it.each([
			['no key', '', 401],
			['another scheme', `Basic ${Buffer.from(`x:${API_KEY}`).toString('base64')}`, 401],
			['the key alone', API_KEY, 401],
			['an empty key', 'Bearer', 401],
			['two keys', `Bearer ${API_KEY} ${API_KEY}`, 401],
			['two keys with a comma', `Bearer ${API_KEY}, Bearer ${API_KEY}`, 401],
			['the key with a quote', `Bearer "${API_KEY}"`, 401],
			['the beginning of the key', `Bearer ${API_KEY.slice(0, -1)}`, 401],
			['the key and more', `Bearer ${API_KEY}x`, 401],
			['the key in capitals', `Bearer ${API_KEY.toUpperCase()}`, 401],
			['a key of 10,000 letters', `Bearer ${'a'.repeat(10_000)}`, 401],
			['the scheme in any case', `bearer ${API_KEY}`, 202],
			['more than one space', `Bearer   ${API_KEY}`, 202],
		])('answers %s with the right status', async (_name, authorization, status) => {
			const answer = await runner.post('/send', send, { authorization });
			expect(answer.status).toBe(status);
			if (status !== 401) return;
			expect(answer.body).toMatchObject({ status: 401, title: expect.any(String) });
			expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
			expect(JSON.stringify(answer.body)).not.toContain(API_KEY);
		});

		it.each([
			['Authorization', `Authorization: Bearer ${API_KEY}`],
			['Host', 'Host: other'],
			['Idempotency-Key', 'Idempotency-Key: a\r\nIdempotency-Key: b'],
			['Content-Type', 'Content-Type: application/json\r\nContent-Type: text/plain'],
		])('refuses two of %s', async (name, line) => {
			const answer = await raw(`GET /events HTTP/1.1\r\n${headers(line)}\r\n\r\n`);
			expect(answer).toMatch(/^HTTP\/1\.1 400 /);
			expect(answer).toContain(`The header ${name.toLowerCase()} came more than once`);
		});

		it.each([
			['no host', `GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n`, 400, 'host is missing'],
			[
				'an expectation that nobody meets',
				`GET /healthz HTTP/1.1\r\n${headers('Expect: miracles')}\r\n\r\n`,
				417,
				'100-continue',
			],
			[
				'headers of 20 KiB',
				`GET /healthz HTTP/1.1\r\n${headers(`X-Long: ${'x'.repeat(20_000)}`)}\r\n\r\n`,
				431,
				'16 KiB',
			],
			[
				'a path of 20 KiB',
				`GET /${'x'.repeat(20_000)} HTTP/1.1\r\n${headers()}\r\n\r\n`,
				431,
				'16 KiB',
			],
			['what is not HTTP', 'hello\r\n\r\n', 400, 'not an HTTP'],
			[
				'a TLS greeting',
				'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
				400,
				'not an HTTP',
			],
			[
				'two lengths',
				`POST /send HTTP/1.1\r\n${headers('Content-Length: 2', 'Content-Length: 3')}\r\n\r\n{}`,
				400,
				'not an HTTP',
			],
			[
				'a length and chunks, as request smuggling has it',
				`POST /send HTTP/1.1\r\n${headers('Content-Length: 2', 'Transfer-Encoding: chunked')}\r\n\r\n0\r\n\r\n`,
				400,
				'not an HTTP',
			],
			[
				'a header that goes on in the next line',
				`GET /healthz HTTP/1.1\r\n${headers('X-Folded: a\r\n b: c')}\r\n\r\n`,
				400,
				'not an HTTP',
			],
			[
				'a NUL in a header',
				`GET /healthz HTTP/1.1\r\n${headers('X-Nul: a\0b')}\r\n\r\n`,
				400,
				'not an HTTP',
			],
		])('answers %s', async (_name, bytes, status, detail) => {
			const answer = await raw(bytes);
			expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
			if (status >= 400) expect(answer).toContain('application/problem+json');
			expect(answer).toContain(detail);
		});

		it('takes a key for the idempotency of at most 256 characters', async () => {
			const answer = await runner.post('/send', send, { 'idempotency-key': 'k'.repeat(257) });
			expect(answer.body.errors).toEqual([
				{ path: 'Idempotency-Key', message: 'must have at most 256 characters' },
			]);
		});
	});

	describe('in the request line', () => {
		it.each([
			['PUT', '/send', 405],
			['GET', '/send', 405],
			['DELETE', '/events', 405],
			['TRACE', '/events', 405],
			['OPTIONS', '/send', 405],
			['PROPFIND', '/events', 405],
			['POST', '/nothing', 404],
			['GET', '/send/', 404],
			['GET', '//send', 404],
			['GET', '/SEND', 404],
			['GET', '/notifications/..%2fevents', 404],
			['GET', '/notifications/%00', 404],
			['GET', `/notifications/${'x'.repeat(500)}`, 414],
			['GET', '/notifications/%ff', 400],
			['GET', '/%', 400],
			['GET', '/events?limit=1&limit=2', 422],
			['GET', '/events?limit=%00', 422],
			['GET', '/events?limit=1e3', 422],
			['GET', '/events?limit=-1', 422],
			['GET', '/events?after=9999999999999999999999', 422],
			['GET', '/events?%ff=1', 422],
		])('answers %s %s with %d', async (method, path, status) => {
			const answer = await new Promise<{
				status: number;
				type: string;
				allow?: string;
				body: string;
			}>((resolve, reject) => {
				const { hostname, port } = new URL(runner.url);
				const authorization = `Bearer ${API_KEY}`;
				httpRequest({ hostname, port, method, path, headers: { authorization } }, (response) => {
					let body = '';
					response.on('data', (chunk) => (body += chunk));
					response.on('end', () =>
						resolve({
							status: response.statusCode ?? 0,
							type: response.headers['content-type'] ?? '',
							...(response.headers.allow ? { allow: response.headers.allow } : {}),
							body,
						}),
					);
				})
					.on('error', reject)
					.end();
			});
			expect(answer.status).toBe(status);
			expect(answer.type).toContain('application/problem+json');
			expect(JSON.parse(answer.body)).toMatchObject({ status, detail: expect.any(String) });
			if (status === 405) expect(answer.allow).toMatch(/^[A-Z]+(, [A-Z]+)*$/);
		});
	});

	describe('that wants to become something else', () => {
		it('prints no line and no escape of a caller’s to the terminal', async () => {
			const message = 'one\r\n[console] forged\u001b[2J\u009b31m\u2028end';
			const { body } = await runner.post('/send', { ...send, message });
			await ended(runner, body.notification_id);
			const line = runner
				.output()
				.split('\n')
				.find((one) => one.includes('forged'));
			expect(line).toMatch(/^\[console\] terminal: one +\[console\] forged \[2J 31m\s+end$/);
		});

		it('writes log lines that are one JSON object each, in printable characters', async () => {
			const headers = { 'idempotency-key': 'x', 'user-agent': '\u0085\u009b' };
			await runner.post('/send', { ...send, recipient: 'a\n{"level":60}\u009b' }, headers);
			for (const line of runner.log().split('\n').filter(Boolean)) {
				expect(JSON.parse(line)).toHaveProperty('level');
				expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
			}
		});

		it.each([
			['a recipient', { recipient: 'ada@example.com\r\nBcc: eve@example.com' }, 'recipient'],
			['a recipient', { recipient: 'ada@example.com, eve@example.com' }, 'recipient'],
			['a subject', { recipient: 'ada@example.com', subject: 'Hi\r\nBcc: eve@example.com' }, ''],
		])('makes no mail header of %s', async (_name, fields, path) => {
			const answer = await runner.post('/send', { message: 'x', channels: ['email'], ...fields });
			// A subject’s line breaks become spaces when the mail is made.
			expect(answer.status).toBe(path ? 422 : 202);
			if (path) expect(answer.body.errors[0].path).toBe(path);
		});
	});

	describe('in callback_url', () => {
		it.each([
			['http://example.com/', 'must use https'],
			['https://169.254.169.254/', 'leads to a linkLocal address'],
			['https://2852039166/', 'leads to a linkLocal address'],
			['https://0xa9fea9fe/', 'leads to a linkLocal address'],
			['https://0251.0376.0251.0376/', 'leads to a linkLocal address'],
			['https://[::ffff:169.254.169.254]/', 'leads to a linkLocal address'],
			['https://[64:ff9b::169.254.169.254]/', 'leads to a linkLocal address'],
			// Names that resolve to this machine, by any resolver.
			['https://localhost/', 'leads to a loopback address'],
			['https://localhost./', 'leads to a loopback address'],
		])('refuses %s and names the setting', async (callback_url, message) => {
			const { status, body } = await runner.post('/send', { ...send, callback_url });
			expect([status, body.errors]).toEqual([
				422,
				[{ path: 'callback_url', message: expect.stringContaining(message) }],
			]);
			expect(body.detail).toContain('security.allow_hosts');
		});
	});

	it('left the runner alive and without a fault', async () => {
		expect((await runner.get('/healthz')).status).toBe(200);
		expect(runner.log()).not.toContain('a request failed');
	});
});
