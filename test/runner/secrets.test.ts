import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startHostileServer } from '../fakes/hostile-server.ts';
import { type RecordingServer, startRecordingServer } from '../fakes/recording-server.ts';
import { type FakeSmtp, startSmtp } from '../fakes/smtp.ts';
import { RUNNER, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** Each in the form that its place has, and findable. */
const SECRETS = {
	apiKey: 'sp_PLANTED_api_key_0123456789',
	readerKey: 'sp_PLANTED_reader_key_0123456',
	wrongKey: 'sp_PLANTED_wrong_key_01234567',
	webhookSecret: 'whsec_PLANTED_callbacks_012345',
	slackPath: 'PLANTEDslackpath',
	slackToken: 'xoxb-PLANTED-slack-token',
	telegramToken: '123456789:PLANTED-telegram-token',
	discordToken: 'PLANTED-discord-token',
	resendKey: 're_PLANTED_resend_key',
	sendgridKey: 'SG.PLANTED-sendgrid-key',
	postmarkToken: 'PLANTED-postmark-token',
	mailgunKey: 'PLANTED-mailgun-key',
	smtpPassword: 'PLANTED-smtp-password',
	hookQuery: 'PLANTED-hook-query',
	hookSecret: 'whsec_PLANTED_hook_secret',
	hookHeader: 'PLANTED-hook-header',
	hookPassword: 'PLANTED-hook-password',
	endpointSecret: 'whsec_PLANTED_endpoint_012345',
	endpointQuery: 'PLANTED-endpoint-query',
	endpointHeader: 'PLANTED-endpoint-header',
	madeQuery: 'PLANTED-made-endpoint-query',
	callbackQuery: 'PLANTED-callback-query',
	refusedQuery: 'PLANTED-refused-query',
} as const;

const MAIL_SERVICES = {
	resend: { api_key: SECRETS.resendKey },
	sendgrid: { api_key: SECRETS.sendgridKey },
	postmark: { server_token: SECRETS.postmarkToken },
	mailgun: { api_key: SECRETS.mailgunKey, domain: 'mg.example.com' },
};

/** Secrets in `text`, however they may be written there. */
function found(text: string, more: readonly string[] = []): string[] {
	return [...Object.values(SECRETS), ...more].filter((secret) =>
		[secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').slice(0, -4)].some(
			(form) => text.includes(form),
		),
	);
}

describe('secrets', () => {
	let runner: RunnerProcess;
	/** Answers with everything that it was sent, in the status that the path names. */
	let echo: RecordingServer;
	let silent: Awaited<ReturnType<typeof startHostileServer>>;
	let smtp: FakeSmtp;
	/** Everything that the runner told anybody. */
	const told: string[] = [];
	const secretsMade: string[] = [];

	const as = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
	const call = async (
		method: string,
		path: string,
		body?: unknown,
		key: string = SECRETS.apiKey,
	) => {
		const answer = await runner.call(method, path, body, as(key));
		told.push(
			JSON.stringify([...answer.headers]),
			typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body),
		);
		return answer;
	};
	const sendOver = async (channel: string, more: object = {}): Promise<string> => {
		const recipient = {
			email: 'ada@example.com',
			slack: '#ops',
			telegram: '12345',
			discord: '1',
			webhook: 'hook',
			console: 'me',
		};
		const answer = await call('POST', '/send', {
			message: 'x',
			channels: [channel],
			recipient,
			...more,
		});
		expect(answer.status).toBe(202);
		return answer.body.notification_id;
	};

	beforeAll(async () => {
		echo = await startRecordingServer(({ path, headers, body }) => {
			const status = Number(/status(\d{3})/.exec(path)?.[1] ?? 200);
			const everything = JSON.stringify({ path, headers, body });
			return {
				status,
				headers: {
					'content-type': 'application/json',
					'x-echo': everything.replace(/[^ -~]/g, ''),
				},
				body: JSON.stringify({ error: everything, name: everything, message: everything }),
			};
		});
		silent = await startHostileServer('silence');
		smtp = await startSmtp({ auth: { user: 'ops', pass: 'another password' }, quotesLogin: true });
		const hook = (name: string, url: string) => ({
			name,
			channel: 'webhook',
			url: `${url}?token=${SECRETS.hookQuery}`,
			secret: SECRETS.hookSecret,
			headers: { 'x-token': SECRETS.hookHeader },
		});
		const { slackPath, slackToken } = SECRETS;
		runner = await startRunner({
			log_level: 'trace',
			retry: { delays_s: [0.02], jitter: 0, timeout_s: 0.3 },
			webhook_retry: { delays_s: [0.02], jitter: 0, timeout_s: 0.3 },
			api_keys: [
				{
					name: 'all',
					key: SECRETS.apiKey,
					scopes: ['admin'],
					webhook_secret: SECRETS.webhookSecret,
				},
				{ name: 'reader', key: SECRETS.readerKey, scopes: ['read'] },
			],
			connections: [
				{ name: 'terminal', channel: 'console' },
				...[200, 302, 401, 404, 500].flatMap((status) => [
					{
						name: `in${status}`,
						channel: 'slack',
						webhook_url: `${echo.url}/status${status}/${slackPath}`,
					},
					{
						name: `bot${status}`,
						channel: 'slack',
						bot_token: slackToken,
						base_url: `${echo.url}/status${status}`,
					},
					{
						name: `telegram${status}`,
						channel: 'telegram',
						bot_token: SECRETS.telegramToken,
						base_url: `${echo.url}/status${status}`,
					},
					{
						name: `discord${status}`,
						channel: 'discord',
						webhook_url: `${echo.url}/status${status}/api/webhooks/1/${SECRETS.discordToken}`,
					},
					...Object.entries(MAIL_SERVICES).map(([service, settings]) => ({
						name: `${service}${status}`,
						channel: 'email',
						[service]: settings,
						from: 'a@example.com',
						base_url: `${echo.url}/status${status}`,
					})),
					hook(`hook${status}`, `${echo.url}/status${status}`),
				]),
				hook('silent', silent.url),
				hook('closed', 'http://127.0.0.1:9'),
				hook('nowhere', 'http://nowhere.invalid/x'),
				hook('user', echo.url.replace('://', `://ops:${SECRETS.hookPassword}@`)),
				{
					name: 'smtp',
					channel: 'email',
					smtp: {
						host: '127.0.0.1',
						port: smtp.port,
						user: 'ops',
						pass: SECRETS.smtpPassword,
					},
					from: 'a@example.com',
				},
			],
			endpoints: [
				{
					name: 'file',
					url: `${echo.url}/status500?token=${SECRETS.endpointQuery}`,
					secret: SECRETS.endpointSecret,
					headers: { Authorization: `Bearer ${SECRETS.endpointHeader}` },
				},
			],
		});
	});
	afterAll(async () => {
		await runner.dispose();
		await Promise.all([echo.close(), silent.close(), smtp.close()]);
	});

	it('stand nowhere but where they belong, whether all goes well or not', async () => {
		const { body: listed } = await call('GET', '/connections');
		const made = await runner.call(
			'POST',
			'/endpoints',
			{ name: 'made', url: `${echo.url}/status410?token=${SECRETS.madeQuery}` },
			as(SECRETS.apiKey),
		);
		secretsMade.push(made.body.secret);
		const ids: string[] = [];
		for (const { name, channel } of listed.connections) {
			const callback_url = `${echo.url}/status500/callback?token=${SECRETS.callbackQuery}`;
			ids.push(await sendOver(`${channel}:${name}`, { callback_url }));
		}
		for (const id of ids) {
			await waitUntil(`${id} ends`, async () => {
				const { body } = await runner.call(
					'GET',
					`/notifications/${id}`,
					undefined,
					as(SECRETS.apiKey),
				);
				return ['delivered', 'failed'].includes(body.status);
			});
		}
		await waitUntil('the callbacks are given up', async () => {
			const { body } = await runner.call(
				'GET',
				'/webhook-deliveries?status=pending',
				undefined,
				as(SECRETS.apiKey),
			);
			return body.webhook_deliveries.length === 0;
		});

		// Requests that go wrong.
		const url = `https://169.254.169.254/?token=${SECRETS.refusedQuery}`;
		await call('POST', '/endpoints', { name: 'bad', url });
		await call('POST', '/endpoints', { name: 'bad', url: `ftp://x/?${SECRETS.refusedQuery}` });
		await call('POST', '/endpoints', {
			name: 'twin',
			url: `${echo.url}/status410?token=${SECRETS.madeQuery}`,
		});
		await call('POST', '/send', { message: 'x', channels: ['console'], callback_url: url });
		await call('GET', '/events', undefined, SECRETS.wrongKey);
		await call('POST', '/send', { message: 'x', channels: ['console'] }, SECRETS.readerKey);
		await call('POST', '/send', '{bad');
		await call('POST', `/endpoints/${made.body.id}/test`);
		await call('PATCH', `/endpoints/${made.body.id}`, { name: 'changed' });
		const { body: endpoints } = await call('GET', '/endpoints');
		for (const { id } of endpoints.endpoints) await call('POST', `/endpoints/${id}/test`);

		// Everything that can be read, as the API's own description lists it.
		const { body: description } = await call('GET', '/openapi.json');
		const { body: webhooks } = await call('GET', '/webhook-deliveries?limit=1000');
		expect(webhooks.webhook_deliveries.length).toBeGreaterThan(20);
		for (const [path, methods] of Object.entries<object>(description.paths)) {
			if (!('get' in methods)) continue;
			const idsOf = (list: readonly { id: string }[]) => list.map(({ id }) => id);
			const candidates = path.startsWith('/endpoints')
				? idsOf(endpoints.endpoints)
				: path.startsWith('/webhook-deliveries')
					? idsOf(webhooks.webhook_deliveries)
					: ids;
			for (const id of path.includes('{') ? candidates : ['']) {
				for (const key of [SECRETS.apiKey, SECRETS.readerKey]) {
					await call('GET', path.replace(/\{[^}]+\}/, id), undefined, key);
				}
			}
		}
		await call('GET', '/events?limit=1000');
		await call('GET', '/docs/json');
		expect(told.join('\n')).toContain('AUTH_FAILED');
		// The endpoints' answers, which repeat all that they were sent.
		expect(told.join('\n')).toContain('[hidden]');
		expect(found(told.join('\n'), secretsMade)).toEqual([]);
	}, 30_000);

	it('stand in no output and in no log, not even a detailed one', async () => {
		expect(runner.output()).toContain('[console]');
		await waitUntil('the log tells of it', () => runner.log().includes('notification.failed'));
		expect(found(runner.output() + runner.log(), secretsMade)).toEqual([]);
	});

	it('stand in the database only where webhooks have to be signed', async () => {
		await runner.kill('SIGTERM');
		const stored = readFileSync(runner.database).toString('latin1');
		expect(found(stored, secretsMade).sort()).toEqual(
			[
				// Of endpoints, and URLs as they were given.
				...secretsMade,
				SECRETS.endpointSecret,
				SECRETS.endpointQuery,
				SECRETS.endpointHeader,
				SECRETS.madeQuery,
				SECRETS.callbackQuery,
			].sort(),
		);
		expect(found(runner.output() + runner.log(), secretsMade)).toEqual([]);
	});

	it('stand in no complaint about a config', () => {
		const file = join(temporaryDirectory('secrets'), 'sureping.yaml');
		const complaints = [
			`api_keys: [{ name: n8n, key: ${SECRETS.apiKey} }\nconnections: [`,
			`api_keys: [{ name: n8n, key: "${SECRETS.apiKey}" "x" }]`,
			`api_keys: [{ name: n8n, key: ${SECRETS.apiKey}, scope: [x] }, { name: b, key: ${SECRETS.apiKey} }]`,
			`api_keys: [{ name: n8n, key: "${SECRETS.apiKey}\\n" }]`,
			`api_keys: { name: n8n, key: ${SECRETS.apiKey} }`,
			`connections: [{ name: a, channel: slack, webhook_url: ":${SECRETS.slackPath}" }, { name: b, channel: slack, bot_token: ["${SECRETS.slackToken}"] }]`,
			`endpoints: [{ name: a, url: "${SECRETS.endpointQuery}", secret: [${SECRETS.endpointSecret}] }]`,
			`store: "postgres://user:${SECRETS.smtpPassword}@host/db"`,
			`security: { allow_hosts: ["https://ops:${SECRETS.hookPassword}@x/"], allow_networks: ["${SECRETS.hookQuery}"] }`,
			SECRETS.apiKey,
		].map((text) => {
			writeFileSync(file, text);
			const args = [...RUNNER, 'serve', '--config', file, '--port', '0'];
			const { status, stdout, stderr } = spawnSync(process.execPath, args, {
				encoding: 'utf8',
				timeout: 60_000,
			});
			expect([status, stderr]).toEqual([1, expect.stringContaining('cannot be used')]);
			return stdout + stderr;
		});
		expect(found(complaints.join('\n'))).toEqual([]);
	}, 30_000);
});
