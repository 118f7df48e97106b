import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandIn } from '../../runner/cli/init/command-name.ts';
import { shellWord } from '../../runner/words/index.ts';
import { doctorCommand, nextSteps, type Situation } from '../../runner/cli/init/next-steps.ts';
import { routeOf } from '../../runner/cli/init/plan.ts';
import { notesOnServiceNode } from '../../runner/cli/init/service-node.ts';
import type { Placement } from '../../runner/cli/init/templates/index.ts';
import { VERSION } from '../../runner/version.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const KEY = 'sp_live_0123456789abcdef';

function situation(placement: Placement, n8n = 'http://localhost:5678'): Situation {
	const answers = { n8n: new URL(n8n), placement };
	const command = 'npx sureping';
	return { answers, route: routeOf(answers), dir: '/srv/it', cwd: '/srv', command, key: undefined };
}

const linesOf = (one: Situation, published: boolean): string =>
	nextSteps(one, published)
		.flatMap(({ does, lines }) => [does, ...lines])
		.join('\n');

/** Words of a registry that has Sureping, and of the sources in its place. */
const OF_REGISTRY = /npm install --global sureping$|Community nodes → Install|ghcr\.io/m;
const OF_SOURCES = /npm run stage|\.tgz|docker build|clone/;

describe.each(['terminal', 'docker', 'systemd'] as const)('the steps by %s', (placement) => {
	it('need no registry before the first release, and no sources after it', () => {
		expect(nextSteps(situation(placement), false)).toHaveLength(3);
		expect(nextSteps(situation(placement), true)).toHaveLength(3);
		expect(linesOf(situation(placement), false)).not.toMatch(OF_REGISTRY);
		expect(linesOf(situation(placement), false)).toMatch(OF_SOURCES);
		expect(linesOf(situation(placement), true)).not.toMatch(OF_SOURCES);
		expect(linesOf(situation(placement), true)).toContain('Community nodes → Install');
	});

	it('name the file of the key, or the key if it is to be shown', () => {
		expect(linesOf(situation(placement), true)).toContain('SUREPING_KEY in /srv/it/.env');
		const shown = linesOf({ ...situation(placement), key: KEY }, true);
		expect(shown).toContain(`API Key:  ${KEY}\n`);
		expect(shown).not.toContain('/srv/it/.env');
	});
});

describe('the step that installs the nodes', () => {
	it('puts them where an n8n in a container reads them', () => {
		const [, , { lines }] = nextSteps(situation('docker', 'http://n8n:5678'), false);
		const tarball = `n8n-nodes-sureping-${VERSION}.tgz`;
		expect(lines).toEqual([
			expect.stringContaining('npm pack ./dist/packages/n8n-nodes-sureping'),
			expect.stringMatching(/^# n8n has to be the container's name.* volume$/),
			`docker cp ${tarball} n8n:/tmp/`,
			`docker exec n8n npm install --prefix /home/node/.n8n/nodes --legacy-peer-deps /tmp/${tarball}`,
			'docker restart n8n',
		]);
		expect(linesOf(situation('docker'), false)).toContain('npm install --prefix ~/.n8n/nodes');
		expect(linesOf(situation('docker', 'http://n8n:5678'), true)).not.toContain('docker exec');
	});
});

describe('the Node.js of a service', () => {
	const withNode = (script: string): string => {
		const folder = temporaryDirectory('service-path');
		writeFileSync(join(folder, 'node'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
		return folder;
	};

	it('is looked for in the PATH of services, and is missing or too old in a note', () => {
		const empty = temporaryDirectory('service-path');
		expect(notesOnServiceNode([empty, withNode('echo v24.1.0')])).toEqual([]);
		expect(notesOnServiceNode([withNode('echo v100.0.0')])).toEqual([]);
		const [missing] = notesOnServiceNode([empty]);
		expect(missing).toMatch(
			/^A service finds no Node\.js: .* Install Node\.js 24 or newer for all/,
		);
		const old = withNode('echo v20.20.2');
		const [tooOld] = notesOnServiceNode([empty, old, withNode('echo v24.1.0')]);
		expect(tooOld).toContain(`A service finds ${old}/node, which is v20.20.2. Install Node.js 24`);
		expect(notesOnServiceNode([withNode('exit 1')])[0]).toContain('which is no working Node.js');
	});
});

describe('the command for the doctor', () => {
	it('runs where the runner runs, and names n8n as the runner calls it', () => {
		expect(doctorCommand(situation('terminal'))).toBe(
			'cd /srv/it && npx sureping doctor --n8n http://localhost:5678',
		);
		expect(doctorCommand({ ...situation('docker'), cwd: '/srv/it' })).toBe(
			'docker compose exec sureping sureping doctor --n8n http://host.docker.internal:5678 --data-dir /data',
		);
		expect(doctorCommand(situation('docker', 'http://n8n:5678'))).toContain(
			'--n8n http://n8n:5678 ',
		);
		expect(doctorCommand(situation('systemd'))).toBe(
			'cd /srv/it && sudo sureping doctor --n8n http://localhost:5678 --data-dir /var/lib/sureping',
		);
	});
});

describe('the command in a folder', () => {
	const call = (script: string) => ({ script, path: '/usr/bin:/usr/local/bin', cwd: '/home/me' });

	it('is npx where that finds it, in the folder or above', () => {
		const dir = temporaryDirectory('command');
		mkdirSync(join(dir, 'node_modules', '.bin'), { recursive: true });
		writeFileSync(join(dir, 'node_modules', '.bin', 'sureping'), '');
		mkdirSync(join(dir, 'below'));
		const script = join(dir, 'node_modules', '.bin', 'sureping');
		expect(commandIn(dir, call(script), false)).toBe('npx sureping');
		expect(commandIn(join(dir, 'below'), call(script), false)).toBe('npx sureping');
		expect(commandIn('/srv/it', call(script), false)).toBe(`node ${script}`);
		expect(commandIn('/srv/it', call(script), true)).toBe('npx sureping');
	});

	it('is its name where the shell finds it, else its path, as a shell reads it', () => {
		expect(commandIn('/srv/it', call('/usr/local/bin/sureping'), false)).toBe('sureping');
		expect(commandIn('/srv/it', call("it's/bin/sureping.mjs"), false)).toBe(
			"node '/home/me/it'\\''s/bin/sureping.mjs'",
		);
		expect(shellWord('a b')).toBe("'a b'");
	});
});
