import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { VERSION } from '../../runner/version.ts';
import { type RecordingServer, startRecordingServer } from '../fakes/recording-server.ts';
import { startSink } from '../fakes/sink.ts';
import { type CliResult, sureping } from '../support/cli.ts';
import { type RunnerInFolder, startInFolder } from '../support/runner-in-folder.ts';
import { API_KEY, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { selfSigned } from '../support/self-signed.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { waitUntil } from '../support/wait-until.ts';

// Processes one after the other: on a busy machine several seconds each.
jest.setTimeout(240_000);

interface Finding {
	readonly what: string;
	readonly ok: boolean;
	readonly found: string;
	readonly change?: string;
}

/** A folder as `init` makes it. */
async function newFolder(...more: string[]): Promise<string> {
	const dir = temporaryDirectory('doctor');
	const { code, err } = await sureping(['init', '--yes', '--dir', dir, ...more]);
	expect([code, err]).toEqual([0, '']);
	return dir;
}

const failures = ({ out }: CliResult): readonly Finding[] =>
	JSON.parse(out).findings.filter(({ ok }: Finding) => !ok);

/** The one failure, with exit code 1. */
function failure(result: CliResult): Finding {
	const found = failures(result);
	expect([result.code, found.length]).toEqual([1, 1]);
	return found[0] ?? { what: '', ok: true, found: '' };
}

describe('sureping doctor in the folder of init', () => {
	let n8n: RecordingServer;
	let dir: string;
	let runner: RunnerInFolder;

	beforeAll(async () => {
		n8n = await startRecordingServer(() => ({ status: 200, body: '{"status":"ok"}' }));
		dir = await newFolder('--n8n', n8n.url);
		runner = await startInFolder(dir);
	});
	afterAll(async () => {
		await runner.stop();
		await n8n.close();
	});

	const run = (args: readonly string[], env: Record<string, string> = {}): Promise<CliResult> =>
		sureping(args, { SUREPING_URL: runner.url, ...env }, dir);

	it('finds all well after a first send, with nothing named but the runner and n8n', async () => {
		const sent = await run(['send', 'hello', '--channel', 'console', '--wait']);
		expect([sent.code, sent.err]).toEqual([0, '']);
		const { code, out } = await run(['doctor', '--n8n', n8n.url]);
		expect(out).not.toContain('FAIL');
		expect(code).toBe(0);
		for (const what of [
			'configuration',
			'database',
			'runner',
			'key',
			'channels',
			'endpoints',
			'n8n',
		]) {
			expect(out).toMatch(new RegExp(`^ok +${what} `, 'm'));
		}
	});

	it('names a key that is not in the config, and one that the runner has not read', async () => {
		const other = 'sp_live_0123456789abcdef';
		const wrong = failure(await run(['doctor', '--json', '--key', other]));
		expect(wrong.what).toBe('key');
		expect(wrong.change).toMatch(/SUREPING_KEY .*api_keys in sureping\.yaml/);
		const file = join(dir, '.env');
		const before = readFileSync(file, 'utf8');
		writeFileSync(file, before.replace(/^SUREPING_KEY=.*$/m, `SUREPING_KEY=${other}`));
		const unread = failure(await run(['doctor', '--json']));
		writeFileSync(file, before);
		expect(unread.found).toMatch(/sureping\.yaml has it as "n8n"/);
		expect(unread.change).toMatch(/start the runner again/);
	});

	it('says that n8n does not answer, and that its host is not allowed', async () => {
		const [gone, more] = failures(await run(['doctor', '--json', '--n8n', 'http://[::1]:9']));
		expect(gone).toMatchObject({ what: 'n8n', found: expect.stringContaining('does not answer') });
		expect(more).toMatchObject({
			what: 'n8n webhooks',
			change: expect.stringContaining('allow_hosts: [localhost, 127.0.0.1, ::1]'),
		});
		const wrong = failure(await run(['doctor', '--json', '--n8n', 'http://u:p4ss@n8n']));
		expect(wrong.found).toContain('must not hold a user name');
	});

	it('says in a folder without a config that nothing was checked, and what makes one', async () => {
		const { code, out } = await sureping(['doctor'], {}, temporaryDirectory('doctor'));
		expect([code, out]).toEqual([
			0,
			expect.stringMatching(/^ok +configuration +there is none here/),
		]);
		expect(out).toMatch(/nor connections were checked: "sureping init" makes one/);
	});

	it('says that nothing listens, and how to start it', async () => {
		const gone = await startSink();
		await gone.close();
		const none = await sureping(['doctor', '--json'], { SUREPING_URL: gone.url }, dir);
		expect(failure(none)).toMatchObject({
			what: 'runner',
			found: expect.stringContaining('nothing listens there'),
			change: expect.stringContaining('SUREPING_URL'),
		});
	});

	it('says that a .env which cannot be read is why a variable is not set', async () => {
		const bare = temporaryDirectory('doctor');
		writeFileSync(join(bare, 'sureping.yaml'), readFileSync(join(dir, 'sureping.yaml')));
		writeFileSync(join(bare, '.env'), '');
		const unset = await sureping(['doctor', '--json'], {}, bare);
		expect(failures(unset).map(({ found }) => found)).toContainEqual(
			expect.stringContaining('SUREPING_KEY is not set'),
		);
	});
});

describe('sureping doctor on what answers in place of a runner', () => {
	const BODIES: ReadonlyMap<string, string> = new Map([
		['/version', JSON.stringify({ version: VERSION })],
		['/endpoints', '{"endpoints":[]}'],
	]);
	const doctor = async (url: string): Promise<Finding> => {
		const dir = temporaryDirectory('doctor');
		const args = ['doctor', '--json', '--data-dir', dir, '--url', url];
		return failure(await sureping(args, { SUREPING_KEY: API_KEY }, dir));
	};

	it.each([
		[{ status: 200, body: '{"version":"0.0.9"}' }, /0\.0\.9, older than this command/],
		[{ status: 404, body: '{}' }, /older than this command .*, or no Sureping runner/],
		[{ status: 200, body: '<html>' }, /does not answer as a Sureping runner/],
		[{ status: 200, body: '{"version":7}' }, /does not answer as a Sureping runner/],
		[{ status: 502, body: 'bad gateway' }, /it answered 502/],
		[{ status: 421, body: '{}' }, /does not answer to the name 127\.0\.0\.1/],
	])('explains %j', async (answer, found) => {
		const server = await startRecordingServer(({ path }) =>
			path === '/version'
				? answer
				: { status: 200, body: path === '/endpoints' ? '{"endpoints":[]}' : '{}' },
		);
		const finding = await doctor(server.url);
		await server.close();
		expect(finding.found).toMatch(found);
		expect(finding.change).not.toBe('');
	});

	it.each([
		['/send', 429],
		['/events?limit=1', 503],
		['/endpoints', 404],
		['/send', 302],
	])('does not take %s answered %i for a scope of the key', async (refused, status) => {
		const server = await startRecordingServer(({ path, method }) => {
			if (path === refused && (path !== '/endpoints' || method === 'POST')) {
				return { status, body: '{}' };
			}
			return { status: 200, body: BODIES.get(path) ?? '{}' };
		});
		const finding = await doctor(server.url).finally(async () => await server.close());
		expect(finding).toMatchObject({ what: 'key', change: expect.stringMatching(/\w/) });
		expect(finding.found).toContain(`answered ${status} to `);
		expect(finding.found).toContain(refused);
	});

	it('says why the attempts of a failing endpoint cannot be read', async () => {
		const server = await startRecordingServer(({ path }) => {
			if (path.startsWith('/webhook-deliveries')) return { status: 503, body: '{}' };
			const endpoint = { id: 'ep_1', name: 'flow', url: 'http://n8n', status: 'enabled' };
			const endpoints = [{ ...endpoint, health: { consecutive_failures: 3 } }];
			const body = path === '/endpoints' ? JSON.stringify({ endpoints }) : BODIES.get(path);
			return { status: 200, body: body ?? '{}' };
		});
		const finding = await doctor(server.url).finally(async () => await server.close());
		expect(finding.what).toBe('endpoint flow');
		expect(finding.found).toContain('the runner answered 503 to /webhook-deliveries');
		expect(finding.found).not.toContain('not in the log');
	});

	it('explains a name that is not known, and TLS that is missing or not trusted', async () => {
		expect((await doctor('http://runner.example')).found).toContain('host name is not known here');
		const plain = await startRecordingServer(() => ({ status: 200, body: '{}' }));
		expect((await doctor(plain.url.replace('http:', 'https:'))).found).toContain('try http://');
		await plain.close();
		const secure = createServer(selfSigned('127.0.0.1'), (_request, response) => response.end());
		await new Promise<void>((resolve) => void secure.listen(0, '127.0.0.1', resolve));
		const { port } = secure.address() as AddressInfo;
		expect((await doctor(`https://127.0.0.1:${port}`)).found).toContain('NODE_EXTRA_CA_CERTS');
		await new Promise((resolve) => secure.close(resolve));
	});
});

describe('sureping doctor on endpoints', () => {
	let n8n: RecordingServer;
	let runner: RunnerProcess;
	let url: string;

	beforeAll(async () => {
		n8n = await startRecordingServer(() => ({ status: 404, body: '{"code":404}' }));
		url = `${n8n.url}/webhook/0d6f/webhook`;
		runner = await startRunner({
			api_keys: [
				{ name: 'test', key: API_KEY, scopes: ['admin'] },
				{ name: 'reader', key: 'sp_reader_0123456789', scopes: ['read'] },
			],
		});
	});
	afterAll(async () => {
		await runner.dispose();
		await n8n.close();
	});

	/** Asks about the runner, with a config in `dir` that allows these hosts. */
	const doctor = (
		dir: string,
		allowHosts: readonly string[],
		key = API_KEY,
	): Promise<CliResult> => {
		const config = { api_keys: [{ name: 'n8n', key }], security: { allow_hosts: allowHosts } };
		writeFileSync(join(dir, 'c.yaml'), JSON.stringify(config));
		const args = ['doctor', '--json', '--config', 'c.yaml', '--url', runner.url];
		return sureping(args, { SUREPING_KEY: key }, dir);
	};
	const HERE = ['127.0.0.1'];

	it('names the scopes that a key lacks, and the line that gives them', async () => {
		const result = await doctor(temporaryDirectory('doctor'), HERE, 'sp_reader_0123456789');
		expect(failure(result)).toMatchObject({
			what: 'key',
			found: expect.stringContaining('lacks the scope send and endpoints'),
			change: expect.stringContaining('scopes: [send, read, endpoints]'),
		});
	});

	it('goes from a workflow that is not active to an endpoint that is well', async () => {
		const { body: endpoint } = await runner.post('/endpoints', { name: 'flow', url });
		await runner.post('/send', { message: 'm', channels: ['console'] });
		await waitUntil('n8n has refused it', async () => {
			const { body } = await runner.get(`/endpoints/${endpoint.id}`);
			return body.health.consecutive_failures > 0;
		});
		const dir = temporaryDirectory('doctor');
		expect(failure(await doctor(dir, HERE))).toMatchObject({
			what: 'endpoint flow',
			found: expect.stringMatching(/fails, \d+ times in a row: .*404/),
			change: expect.stringContaining('publish the workflow'),
		});

		expect(failure(await doctor(dir, []))).toMatchObject({
			found: expect.stringContaining('leads to a loopback address'),
			change: expect.stringContaining('allow_hosts: [127.0.0.1]'),
		});

		const container = await newFolder('--docker');
		expect(failure(await doctor(container, HERE))).toMatchObject({
			found: expect.stringContaining("the runner's own container"),
			change: expect.stringMatching(/WEBHOOK_URL=http:\/\/host\.docker\.internal:\d+\//),
		});

		await runner.post(`/endpoints/${endpoint.id}/disable`, {});
		expect(failure(await doctor(dir, HERE))).toMatchObject({
			found: 'is disabled by hand',
			change: `sureping endpoints enable ${endpoint.id}`,
		});

		await runner.call('DELETE', `/endpoints/${endpoint.id}`);
		const { body: working } = await runner.post('/endpoints', { name: 'good', url });
		expect((await doctor(dir, HERE)).code).toBe(0);
		expect(working.id).not.toBe(endpoint.id);
	});
});
