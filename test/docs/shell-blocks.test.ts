import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Block, BLOCKS } from '../support/pages.ts';
import { API_KEY, RUNNER, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { signedRequest } from '../support/signed-request.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const shell: readonly [string, Block][] = BLOCKS.filter(({ language }) => language === 'sh').map(
	(block) => [block.place, block],
);

/** The commands of a block, without comments, each on one line. */
const commandsOf = ({ text }: Block): readonly string[] =>
	text
		.replaceAll(/\\\n\s*/g, ' ')
		.split('\n')
		.map((line) => line.replace(/(?:^|\s)#\s.*$/, '').trim())
		.filter((line) => line !== '');

/**
 * It asks a runner, and nobody else. A server would not end, `init` without --yes asks a person, and what names another host
 * is only parsed.
 */
const isLocal = (command: string): boolean =>
	/^(?:curl -s "?\$SUREPING_URL\/|(?:npx (?:--no-install )?)?sureping (?!serve|migrate|init (?!--yes)))/.test(
		command,
	) && !/https?:\/\//.test(command);

const runnable = shell.filter(([, block]) => commandsOf(block).every(isLocal));

it.each(shell)('%s is shell', (_place, { text }) => {
	const { status, stderr } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });
	expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

describe('what asks a runner', () => {
	let runner: RunnerProcess;
	const directory = temporaryDirectory('shell-blocks');
	const secret = 'whsec_of_the_endpoint_in_the_docs';

	const addProgram = (name: string, text: string): void => {
		const path = join(directory, 'bin', name);
		writeFileSync(path, text);
		chmodSync(path, 0o755);
	};

	beforeAll(async () => {
		runner = await startRunner({
			contacts: [{ id: 'ada', name: 'Ada', addresses: [{ channel: 'console', address: 'ada' }] }],
			policies: [{ name: 'page', steps: [{ after_s: 0, notify: ['contact:ada'] }] }],
		});
		const addresses = [{ channel: 'console', address: 'ben' }];
		await runner.post('/contacts', { id: 'ben', name: 'Ben', addresses });
		await runner.post('/on-call', { name: 'primary', members: ['ben'] });
		mkdirSync(join(directory, 'bin'));
		const node = [process.execPath, ...RUNNER].map((word) => `'${word}'`).join(' ');
		addProgram('sureping', `#!/bin/sh\nexec ${node} "$@"\n`);
		addProgram('npx', '#!/bin/sh\n[ "$1" != --no-install ] || shift\nexec "$@"\n');
		addProgram('curl', `#!${process.execPath}\n${CURL}`);
		symlinkSync(dirname(runner.database), join(directory, 'data'));
		const config = {
			api_keys: [{ name: 'n8n', key: API_KEY }],
			connections: [{ name: 'terminal', channel: 'console' }],
		};
		writeFileSync(join(directory, 'sureping.yaml'), JSON.stringify(config));
		const { method, url, headers, body } = signedRequest(undefined, { secret, now: Date.now() });
		const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
		const request = [`${method} ${url} HTTP/1.1`, ...head, '', body.toString()].join('\r\n');
		writeFileSync(join(directory, 'request.http'), request);
	});
	afterAll(() => runner.dispose());

	/** Several pages show the same commands: they run once. */
	const runs = new Map<string, Promise<unknown>>();
	const run = (text: string): Promise<unknown> => {
		const earlier = runs.get(text);
		if (earlier) return earlier;
		const env = {
			...process.env,
			PATH: [join(directory, 'bin'), process.env.PATH].join(delimiter),
			SUREPING_URL: runner.url,
			SUREPING_KEY: API_KEY,
			ENDPOINT_SECRET: secret,
		};
		const options = { cwd: directory, env, timeout: 50_000 };
		// Rejects with the output when a command fails.
		const result = promisify(execFile)('bash', ['-euo', 'pipefail', '-c', text], options);
		runs.set(text, result);
		return result;
	};

	it.each(runnable)('%s works as it stands', async (_place, { text }) => {
		await run(text);
	});

	it('is more than a few of them', () => {
		expect(runnable.length).toBeGreaterThan(6);
	});
});

/** As much of curl as the pages use, so that the tests need none. Unlike curl it fails when the answer is a refusal. */
const CURL = `
const [silent, url, ...rest] = process.argv.slice(2);
if (silent !== '-s') throw new Error('curl -s URL is known here, and no other option before it');
const request = { method: 'GET', headers: {} };
while (rest.length > 0) {
	const [option, value] = rest.splice(0, 2);
	if (option === '-H') request.headers[value.split(': ')[0]] = value.split(': ').slice(1).join(': ');
	else if (option === '-X') request.method = value;
	else if (option === '-d') Object.assign(request, { method: 'POST', body: value });
	else throw new Error('curl has no ' + option + ' here');
}
fetch(url, request).then(async (response) => {
	console.log(await response.text());
	process.exitCode = response.ok ? 0 : 1;
});
`;
