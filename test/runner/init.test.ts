import { spawnSync } from 'node:child_process';
import {
	chmodSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { CannotWrite, type NewFile, writeNew } from '../../runner/cli/init/write-files.ts';
import { type RecordingServer, startRecordingServer } from '../fakes/recording-server.ts';
import { sureping } from '../support/cli.ts';
import { folderContents } from '../support/folder-contents.ts';
import { RUNNER } from '../support/runner-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

// Processes one after the other: on a busy machine several seconds each.
jest.setTimeout(240_000);

/** Kills the program when it is about to give its second file its name. */
const DIES_AT_SECOND_LINK = `data:text/javascript,${encodeURIComponent(`
	import fs from 'node:fs';
	import { syncBuiltinESMExports } from 'node:module';
	const { linkSync } = fs;
	let links = 0;
	fs.linkSync = (...paths) => {
		links += 1;
		if (links === 2) process.kill(process.pid, 'SIGKILL');
		linkSync(...paths);
	};
	syncBuiltinESMExports();
`)}`;

const NOBODY = 'http://127.0.0.1:9';

const init = (dir: string, ...more: string[]) =>
	sureping(['init', '--yes', '--n8n', NOBODY, '--dir', dir, ...more]);

const keyIn = (dir: string): string =>
	/^SUREPING_KEY=(.*)$/m.exec(readFileSync(join(dir, '.env'), 'utf8'))?.[1] ?? '';

describe('sureping init in an empty folder', () => {
	it('writes the config and the secrets, and prints three steps but no key', async () => {
		const dir = temporaryDirectory('init');
		const { code, out, err } = await init(dir);
		expect([code, err]).toEqual([0, '']);
		const found = folderContents(dir);
		expect(Object.keys(found)).toEqual(['.env', 'sureping.yaml']);
		expect(found['.env']).toMatch(/^600 /);
		expect(found['sureping.yaml']).toMatch(/^644 /);
		expect(keyIn(dir)).toMatch(/^sp_live_/);
		expect(out).not.toContain(keyIn(dir));
		expect(readFileSync(join(dir, 'sureping.yaml'), 'utf8')).not.toContain(keyIn(dir));
		expect(out.match(/^\d\. .*$/gm)).toHaveLength(3);
		expect(out).toContain('n8n does not answer at http://127.0.0.1:9 from here');
		expect(out).toContain(join(dir, '.env'));
	});

	it.each([
		['--docker', 'compose.yaml'],
		['--systemd', 'sureping.service'],
	])('with %s writes %s as well', async (option, name) => {
		const dir = join(temporaryDirectory('init'), 'new', 'folder');
		const { code, out } = await init(dir, option, '--json');
		const { files, next_steps: steps } = JSON.parse(out);
		expect([code, steps.length]).toEqual([0, 3]);
		expect(files).toContainEqual({ path: join(dir, name), state: 'written' });
		expect(folderContents(dir)[name]).toMatch(/^644 /);
	});

	it('shows the key only when it is asked to', async () => {
		const dir = temporaryDirectory('init');
		const { out } = await init(dir, '--show-key');
		expect(out).toContain(`API Key:  ${keyIn(dir)}\n`);
		expect(JSON.parse((await init(dir, '--show-key', '--json')).out).key).toBe(keyIn(dir));
		expect((await init(dir, '--json')).out).not.toContain(keyIn(dir));
	});

	it('says that n8n answers where it does', async () => {
		const n8n: RecordingServer = await startRecordingServer(() => ({
			status: 200,
			body: '{"status":"ok"}',
		}));
		const dir = temporaryDirectory('init');
		const { out } = await init(dir, '--n8n', `${n8n.url}/sub`, '--json');
		await n8n.close();
		expect(JSON.parse(out)).toMatchObject({ n8n: { url: `${n8n.url}/sub`, answers: true } });
		expect(n8n.requests.map(({ path }) => path)).toEqual(['/sub/healthz']);
	});

	it('is not stopped by a server that answers nothing of n8n', async () => {
		const other = await startRecordingServer(() => ({ status: 404, body: '' }));
		const { code, out } = await init(temporaryDirectory('init'), '--n8n', other.url);
		await other.close();
		expect([code, out]).toEqual([0, expect.stringContaining('it answered 404 to /healthz')]);
	});
});

describe('the program that init needs', () => {
	it('has neither a server nor a database', async () => {
		const loaded = temporaryDirectory('loaded');
		const args = ['init', '--yes', '--n8n', NOBODY, '--dir', temporaryDirectory('init')];
		expect((await sureping(args, { NODE_V8_COVERAGE: loaded })).code).toBe(0);
		const texts = readdirSync(loaded).map((name) => readFileSync(join(loaded, name), 'utf8'));
		const scripts = texts.flatMap((text) =>
			[...text.matchAll(/"url":"[^"]*\/runner\/dist\/([^"]+)"/g)].map(([, name = '']) => name),
		);
		expect(scripts).toContainEqual(expect.stringMatching(/^init-/));
		expect(scripts.filter((name) => /^(runner|http|copy-to-postgres)-/.test(name))).toEqual([]);
	});
});

describe('sureping init for a runner in a container', () => {
	const configOf = (dir: string) => parse(readFileSync(join(dir, 'sureping.yaml'), 'utf8'));
	const composeOf = (dir: string) => parse(readFileSync(join(dir, 'compose.yaml'), 'utf8'));

	it('calls an n8n of this machine by the name of the host, and says so', async () => {
		const dir = temporaryDirectory('init');
		const { out } = await init(dir, '--docker');
		expect(configOf(dir).security.allow_hosts).toEqual(['host.docker.internal']);
		expect(composeOf(dir).networks).toBeUndefined();
		expect(out).toContain('In a container, 127.0.0.1 is the container itself');
		expect(out).toContain('WEBHOOK_URL=http://host.docker.internal:9/');
		expect(out).toContain('Base URL: http://127.0.0.1:8477\n');
	});

	it('joins the network of a container that is named, and is called by its own name', async () => {
		const dir = temporaryDirectory('init');
		const { out } = await init(dir, '--docker', '--n8n', 'http://n8n:5678');
		expect(configOf(dir).security.allow_hosts).toEqual(['n8n']);
		expect(composeOf(dir).networks.n8n.external).toBe(true);
		expect(out).toContain('Base URL: http://sureping:8477\n');
	});

	it('takes a public URL for the config and the credential', async () => {
		const dir = temporaryDirectory('init');
		const url = 'https://ping.example.com';
		const { out } = await init(dir, '--n8n', 'https://n8n.example', '--public-url', `${url}/`);
		expect(configOf(dir)).toMatchObject({
			public_url: url,
			security: { allow_hosts: ['n8n.example'] },
		});
		expect(out).toContain(`Base URL: ${url}\n`);
	});

	it.each(['docker-compose.yml', 'compose.yml'])('does not take the place of %s', async (name) => {
		const dir = temporaryDirectory('init');
		writeFileSync(join(dir, name), 'services: {}\n');
		const { code, err } = await init(dir, '--docker');
		expect([code, Object.keys(folderContents(dir))]).toEqual([1, [name]]);
		expect(err).toMatch(new RegExp(`${name} is there[^]*--dir sureping`));
	});
});

describe('sureping init where there are files', () => {
	it('changes nothing the second time, and says so', async () => {
		const dir = temporaryDirectory('init');
		await init(dir, '--docker');
		const before = folderContents(dir);
		const { code, out } = await init(dir, '--docker');
		expect([code, folderContents(dir)]).toEqual([0, before]);
		expect(out).toMatch(/^Nothing was changed: /);
		expect(out.match(/^\d\. .*$/gm)).toHaveLength(3);
	});

	it('keeps what the operator changed, and names what another n8n would need', async () => {
		const dir = temporaryDirectory('init');
		await init(dir);
		const file = join(dir, 'sureping.yaml');
		writeFileSync(file, `${readFileSync(file, 'utf8')}log_level: debug\n`);
		const before = folderContents(dir);
		const { out } = await init(dir, '--n8n', 'http://n8n.lan:5678');
		expect(folderContents(dir)).toEqual(before);
		expect(out).toContain('allow_hosts: [localhost, 127.0.0.1, n8n.lan]');
	});

	it('says that the compose file it keeps is of other options', async () => {
		const dir = temporaryDirectory('init');
		await init(dir, '--docker');
		expect((await init(dir, '--docker')).out).not.toContain('compose.yaml is kept');
		const before = folderContents(dir);
		const { out } = await init(dir, '--docker', '--n8n', 'http://n8n:5678');
		expect(folderContents(dir)).toEqual(before);
		expect(out).toContain('compose.yaml is kept, and is not what init would write now');
	});

	it('adds only what is missing', async () => {
		const dir = temporaryDirectory('init');
		await init(dir);
		const before = folderContents(dir);
		const { out } = await init(dir, '--systemd');
		expect(folderContents(dir)).toMatchObject(before);
		expect(Object.keys(folderContents(dir))).toContain('sureping.service');
		expect(out).toContain('Kept as they are:');
	});

	const refused: readonly [string, (dir: string) => void, string][] = [
		[
			'a file of others',
			(dir) => writeFileSync(join(dir, '.env'), 'N8N_PORT=1\n'),
			'is not of init',
		],
		['an empty file', (dir) => writeFileSync(join(dir, 'sureping.yaml'), ''), 'is not of init'],
		['a folder', (dir) => mkdirSync(join(dir, '.env')), 'is a folder'],
		['a link', (dir) => symlinkSync('/dev/null', join(dir, '.env')), 'is a symbolic link'],
		['a broken link', (dir) => symlinkSync('nowhere', join(dir, '.env')), 'is a symbolic link'],
	];
	it.each(refused)('writes nothing at all when there is %s', async (_what, prepare, reason) => {
		const dir = temporaryDirectory('init');
		prepare(dir);
		const before = readdirSync(dir);
		const { code, out, err } = await init(dir);
		expect([code, out, readdirSync(dir)]).toEqual([1, '', before]);
		expect(err).toContain(reason);
		expect(err).toContain('--dir');
	});

	it('is refused a folder that cannot be made or used, and leaves none behind', async () => {
		const dir = temporaryDirectory('init');
		writeFileSync(join(dir, 'file'), '');
		const inFile = await init(join(dir, 'file', 'below'));
		expect([inFile.code, inFile.err]).toEqual([1, expect.stringContaining('Nothing was written')]);
		const long = await init(join(dir, 'a', 'b'.repeat(300)));
		expect([long.code, long.err]).toEqual([1, expect.stringContaining('its path is too long')]);
		expect(existsSync(join(dir, 'a'))).toBe(false);
	});

	const itOnLinux = existsSync('/proc/self') ? it : it.skip;
	itOnLinux('says that a folder cannot be made where the system lets nobody make one', async () => {
		const { code, err } = await init('/proc/sureping/deep');
		expect([code, err]).toEqual([
			1,
			'Nothing was written: /proc/sureping/deep cannot be used: no folder can be made in /proc\n',
		]);
	});

	it('makes a folder that others may not write to, whatever the umask is, and says when they may', () => {
		const dir = temporaryDirectory('init');
		const run = (folder: string) => {
			const args = [...RUNNER, 'init', '--yes', '--n8n', NOBODY, '--dir', folder];
			const open = ['-c', 'umask 000; exec "$@"', 'bash', process.execPath, ...args];
			return spawnSync('bash', open, { encoding: 'utf8' }).stdout;
		};
		const made = run(join(dir, 'a', 'b'));
		for (const name of ['a', 'a/b']) expect(statSync(join(dir, name)).mode & 0o777).toBe(0o755);
		expect(made).not.toContain('every user');
		mkdirSync(join(dir, 'open'));
		chmodSync(join(dir, 'open'), 0o777);
		expect(run(join(dir, 'open'))).toContain(
			`Every user of this machine may replace the files in ${join(dir, 'open')}: chmod o-w ${join(dir, 'open')}`,
		);
	});

	it('leaves nothing when the disk takes no more', () => {
		const dir = temporaryDirectory('init');
		const args = [...RUNNER, 'init', '--yes', '--n8n', NOBODY, '--dir', dir];
		// A limit for the size of files fails like a full disk, at the first byte that is written.
		const limited = ['-c', 'ulimit -f 0; exec "$@"', 'bash', process.execPath, ...args];
		const { status, stderr } = spawnSync('bash', limited, { encoding: 'utf8' });
		expect([status, readdirSync(dir)]).toEqual([1, []]);
		expect(stderr).toMatch(/^Nothing was written: .* the size of files is limited/);
	});

	it('leaves only whole files when it is killed between two, and the next run completes them', async () => {
		const dir = temporaryDirectory('init');
		const args = [...RUNNER, 'init', '--yes', '--docker', '--n8n', NOBODY, '--dir', dir];
		const killed = spawnSync(process.execPath, ['--import', DIES_AT_SECOND_LINK, ...args]);
		expect(killed.signal).toBe('SIGKILL');
		const left = folderContents(dir);
		expect(Object.keys(left)).toEqual(['.env']);
		expect(readFileSync(join(dir, '.env'), 'utf8')).toContain('#TWILIO_TOKEN=\n');

		const { code, out } = await init(dir, '--docker');
		expect([code, folderContents(dir)]).toMatchObject([0, left]);
		expect(out).toContain('Kept as they are:\n  .env');
		expect(readdirSync(dir).sort()).toEqual(['.env', 'compose.yaml', 'sureping.yaml']);
	});

	it('takes back its first file when somebody else makes the second meanwhile', () => {
		const dir = temporaryDirectory('init');
		const file = (name: string): NewFile => ({ name, mode: 0o600, text: 'ours', about: '' });
		writeFileSync(join(dir, 'b'), 'theirs');
		expect(() => writeNew(dir, [file('a'), file('b')])).toThrow(CannotWrite);
		expect(readdirSync(dir)).toEqual(['b']);
		expect(readFileSync(join(dir, 'b'), 'utf8')).toBe('theirs');
	});

	// Root may write everywhere.
	const itAsUser = process.getuid?.() === 0 ? it.skip : it;
	itAsUser('is refused a folder of others', async () => {
		const dir = temporaryDirectory('init');
		chmodSync(dir, 0o500);
		const { code, err } = await init(dir);
		chmodSync(dir, 0o700);
		expect([code, err]).toEqual([1, expect.stringContaining('permission')]);
		expect(readdirSync(dir)).toEqual([]);
	});
});

describe('sureping init over a config that is kept', () => {
	const URL = 'https://ping.example.com';

	it('says that it has no public URL, or another one', async () => {
		const dir = temporaryDirectory('init');
		await init(dir);
		const { out } = await init(dir, '--public-url', URL);
		expect(out).toContain(
			`sureping.yaml is kept and has no public_url. It needs: public_url: ${URL}\n`,
		);
		const path = join(dir, 'sureping.yaml');
		const text = readFileSync(path, 'utf8');
		writeFileSync(path, `${text}\npublic_url: https://other.example.com\n`);
		expect((await init(dir, '--public-url', URL)).out).toContain(
			'has another public_url. It needs',
		);
		writeFileSync(path, `${text}\npublic_url: ${URL}/\n`);
		expect((await init(dir, '--public-url', URL)).out).not.toContain('is kept and');
	});

	it('says that it lacks a name by which n8n calls the runner', async () => {
		const dir = temporaryDirectory('init');
		await init(dir, '--n8n', 'http://n8n.invalid');
		expect((await init(dir)).out).toContain(
			'sureping.yaml is kept and lacks a name by which n8n calls the runner. It needs, under security: hosts: [host.docker.internal]\n',
		);
		expect((await init(dir, '--n8n', 'http://n8n.invalid')).out).not.toContain('is kept and');
	});
});

describe('sureping init with wrong options', () => {
	it.each([
		['', 'must be an http or https URL'],
		['n8n', 'must be an http or https URL'],
		['localhost:5678', 'must be an http or https URL'],
		['ftp://n8n', 'must be an http or https URL'],
		['http:n8n', 'must be an http or https URL'],
		['http://', 'must be an http or https URL'],
		['http://user:hunter2@n8n', 'must not hold a user name or password'],
		['http://n8n/?x=1', 'must end before'],
		['http://n8n/#/home', 'must end before'],
		['http://n8n\nroot: true', 'must not hold spaces or control characters'],
		["http://h','metadata.evil", 'must name a host of letters'],
		['http://h,metadata.evil', 'must name a host of letters'],
		['http://${SUREPING_KEY}', 'must name a host of letters'],
	])('refuses the URL %j as wrong usage, and writes nothing', async (url, reason) => {
		const dir = temporaryDirectory('init');
		const { code, out, err } = await sureping(['init', '--yes', '--n8n', url, '--dir', dir]);
		expect([code, out, readdirSync(dir)]).toEqual([2, '', []]);
		expect(err).toContain(`--n8n ${reason}`);
		expect(err).not.toContain('hunter2');
	});

	it('refuses a public URL whose host is no name', async () => {
		const dir = temporaryDirectory('init');
		const url = await init(dir, '--public-url', "https://h'x");
		expect([url.code, url.err]).toEqual([
			2,
			expect.stringContaining('--public-url must name a host of letters'),
		]);
	});

	it('refuses a folder below one with a line break', async () => {
		const dir = temporaryDirectory('init');
		const folder = join(dir, 'a\nExecStartPre=evil');
		mkdirSync(folder);
		const args = ['init', '--yes', '--systemd', '--n8n', NOBODY];
		const below = await sureping(args, {}, folder);
		expect([below.code, below.err]).toEqual([2, expect.stringContaining('--dir must be')]);
		expect(readdirSync(folder)).toEqual([]);
	});

	it('refuses two services, and says what it needs where there is no terminal', async () => {
		const dir = temporaryDirectory('init');
		const both = await init(dir, '--docker', '--systemd');
		expect([both.code, both.err]).toEqual([2, expect.stringContaining('--systemd')]);
		const asked = await sureping(['init', '--dir', dir]);
		expect([asked.code, asked.out]).toEqual([2, '']);
		for (const option of ['--yes', '--n8n', '--docker', '--systemd', '--public-url', '--dir']) {
			expect(asked.err).toContain(option);
		}
		expect(readdirSync(dir)).toEqual([]);
		const line = await init(`${dir}/a\nb`, '--systemd');
		expect([line.code, line.err]).toEqual([2, expect.stringContaining('--dir must be')]);
		expect(readdirSync(dir)).toEqual([]);
	});
});
