import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory } from '../../../runner/bin/node24.mjs';
import { debianProgram } from '../../support/debian-program.ts';

const run = promisify(execFile);

/** The part of an image's config that a container engine goes by. */
export interface ImageConfig {
	readonly User: string;
	readonly Env: readonly string[];
	/** Buildah has null for none. */
	readonly Entrypoint: readonly string[] | null;
	readonly Cmd: readonly string[];
	readonly WorkingDir: string;
	readonly StopSignal: string;
	readonly Volumes: Readonly<Record<string, object>>;
	readonly ExposedPorts: Readonly<Record<string, object>>;
	readonly Labels: Readonly<Record<string, string>>;
	/** Times in nanoseconds. */
	readonly Healthcheck: { readonly Test: readonly string[]; readonly Interval: number };
}

export interface ImageStore {
	/** Builds a Dockerfile as `docker build` does, without a daemon and without pulling. */
	build(context: string, tag: string, target?: string): Promise<void>;
	config(tag: string): ImageConfig;
	/** The path of the image's file system, mounted. */
	mount(tag: string): string;
	remove(): void;
}

/** Images in a directory of their own, built by Debian's buildah as root, with a stand-in for `node:24-slim`. */
export async function openImageStore(): Promise<ImageStore> {
	const program = debianProgram({ program: 'buildah', package: 'buildah' });
	if (process.getuid?.() !== 0) throw new Error('Images are built as root only: run this as root');
	const base = await baseRoot();
	const directory = mkdtempSync(join(tmpdir(), 'sureping-images-'));
	const globals = [
		...['--root', join(directory, 'root'), '--runroot', join(directory, 'run')],
		...['--storage-driver', 'overlay'],
	];
	const buildah = (...args: readonly string[]): string =>
		execFileSync(program, [...globals, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();

	const tagBase = (): void => {
		const container = buildah('from', 'scratch');
		buildah('add', '--quiet', container, base, '/');
		buildah('add', '--quiet', container, npmSettings(directory), '/usr/local/etc/');
		if (CERTIFICATES) buildah('add', '--quiet', container, CERTIFICATES, TRUSTED);
		buildah('config', '--env', 'PATH=/usr/local/bin:/usr/bin:/bin', '--cmd', 'node', container);
		buildah('commit', '--quiet', '--rm', container, 'docker.io/library/node:24-slim');
	};
	const remove = (): void => {
		buildah('umount', '--all');
		buildah('rm', '--all');
		rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
	};
	try {
		tagBase();
	} catch (error) {
		remove();
		throw error;
	}
	return {
		async build(context, tag, target) {
			const args = [
				...['bud', '--isolation', 'chroot', '--format', 'docker', '--pull-never', '--layers'],
				...['--volume', `${npm('config', 'get', 'cache')}:/root/.npm`],
				...(target === undefined ? [] : ['--target', target]),
				...['--tag', tag, context],
			];
			await run(program, [...globals, ...args], { maxBuffer: 2 ** 26 });
		},
		config(tag) {
			// buildah's own output.
			const image = JSON.parse(buildah('inspect', '--type', 'image', tag)) as {
				Docker: { config: ImageConfig };
			};
			return image.Docker.config;
		},
		mount: (tag) => buildah('mount', buildah('from', '--pull-never', tag)),
		remove,
	};
}

const npm = (...args: readonly string[]): string =>
	execFileSync('npm', args, { encoding: 'utf8' }).trim();

/** The folder of the npm that runs here. */
function npmFolder(): string {
	const script = execFileSync('sh', ['-c', 'realpath "$(command -v npm)"'], { encoding: 'utf8' });
	return dirname(dirname(script.trim()));
}

const CERTIFICATES = process.env['NODE_EXTRA_CA_CERTS'];
const TRUSTED = '/etc/ssl/certs/host.crt';

/** npm inside takes the registry, its certificates and the packages that this machine's npm has. */
function npmSettings(directory: string): string {
	const file = join(directory, 'npmrc');
	const lines = [`registry=${npm('config', 'get', 'registry')}`, 'prefer-offline=true'];
	if (CERTIFICATES) lines.push(`cafile=${TRUSTED}`);
	writeFileSync(file, `${lines.join('\n')}\n`);
	return file;
}

/**
 * A file system like that of `node:24-slim`, which is Debian with Node and npm: a tarball, made once and kept in the cache.
 */
async function baseRoot(): Promise<string> {
	const tarball = join(cacheDirectory(), `image-base-bookworm-node-${process.version}.tar`);
	if (existsSync(tarball)) return tarball;
	const debootstrap = debianProgram({ program: 'debootstrap', package: 'debootstrap' });
	mkdirSync(dirname(tarball), { recursive: true });
	const work = mkdtempSync(join(tmpdir(), 'sureping-base-'));
	try {
		const root = join(work, 'root');
		await run(debootstrap, ['--variant=minbase', 'bookworm', root], { maxBuffer: 2 ** 26 });
		const local = join(root, 'usr/local');
		execFileSync('cp', [process.execPath, join(local, 'bin/node')]);
		mkdirSync(join(local, 'lib/node_modules'));
		execFileSync('cp', ['-R', npmFolder(), join(local, 'lib/node_modules/npm')]);
		execFileSync('ln', ['-s', '../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm')]);
		const partial = join(work, 'root.tar');
		await run('tar', ['-C', root, '--exclude=./var/cache/apt', '-cf', partial, '.']);
		execFileSync('cp', [partial, `${tarball}.partial-${process.pid}`]);
		renameSync(`${tarball}.partial-${process.pid}`, tarball);
	} finally {
		rmSync(work, { recursive: true, force: true });
	}
	return tarball;
}
