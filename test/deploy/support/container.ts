import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { debianProgram } from '../../support/debian-program.ts';
import { waitUntil } from '../../support/wait-until.ts';
import type { ImageConfig } from './image-store.ts';

export interface Container {
	/** Standard output and standard error so far. */
	output(): string;
	/** Runs a command inside, as `docker exec` does. */
	exec(
		command: readonly string[],
		env?: Readonly<Record<string, string>>,
	): { readonly status: number | null; readonly output: string };
	/** The effective user of each process inside. */
	users(): readonly number[];
	/** The signal of the image; resolves with the exit code. */
	stop(): Promise<number | null>;
	/** Ends what is left. */
	dispose(): void;
}

/** A folder of this machine that a container has at a path of its own, and may write to. */
export interface Volume {
	readonly folder: string;
	readonly at: string;
}

/**
 * Arguments: root, volume, its place, user, group, working directory, and then the command, with its environment before
 * it. In namespaces of its own, so that the command is process 1 and has a loopback interface that nobody else sees.
 */
const ENTER = `
root=$1 volume=$2 at=$3 user=$4 group=$5 dir=$6
shift 6
mount --bind "$root" "$root"
mount --bind "$volume" "$root$at"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 devices "$root/dev"
mknod -m 666 "$root/dev/null" c 1 3
mknod -m 444 "$root/dev/urandom" c 1 9
mount -o remount,ro "$root/dev"
mount -o remount,bind,ro "$root"
ip link set lo up
exec chroot "$root" /usr/bin/env --ignore-environment --chdir="$dir" \
	/usr/bin/setpriv --reuid "$user" --regid "$group" --clear-groups --no-new-privs \
		--bounding-set=-all --inh-caps=-all /usr/bin/env "$@"
`;

/** The command line that runs an image with nothing but `volume` to write to. */
function commandLine(root: string, image: ImageConfig, { folder, at }: Volume): readonly string[] {
	debianProgram({ program: 'ip', package: 'iproute2' });
	const { User, Env, Entrypoint, Cmd, WorkingDir } = image;
	const [user = '', group = user] = User.split(':');
	return [
		...['unshare', '--mount', '--pid', '--net', '--fork', '--kill-child'],
		...['sh', '-euc', ENTER, 'sh', root, folder, at, user, group, WorkingDir],
		...[...Env, ...(Entrypoint ?? []), ...Cmd],
	];
}

/** Runs an image whose command ends by itself. */
export function runContainer(
	root: string,
	image: ImageConfig,
	volume: Volume,
): { readonly status: number | null; readonly output: string } {
	const [program = '', ...args] = commandLine(root, image, volume);
	const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
	return { status, output: stdout + stderr };
}

/**
 * Runs an image as `docker run --read-only --cap-drop ALL --security-opt no-new-privileges` does: nothing but `volume` can be
 * written.
 */
export async function startContainer(
	root: string,
	image: ImageConfig,
	volume: Volume,
	isReady: (output: string) => boolean,
): Promise<Container> {
	const { User, Env, StopSignal } = image;
	const [user = '', group = user] = User.split(':');
	const [program = '', ...args] = commandLine(root, image, volume);
	const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
	let output = '';
	for (const stream of [child.stdout, child.stderr]) {
		stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
	}
	const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
	const dispose = (): void => {
		child.kill('SIGKILL');
	};
	await waitUntil('the container is ready', () => isReady(output) || child.exitCode !== null);
	if (child.exitCode !== null) throw new Error(`The container ended:\n${output}`);
	const first = childOf(child.pid!);

	return {
		output: () => output,
		exec(command, env = {}) {
			const variables = [...Env, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
			const { status, stdout, stderr } = spawnSync(
				'nsenter',
				[
					...['--target', String(first), '--mount', '--pid', '--net', '--root', '--wd'],
					...['--setuid', user, '--setgid', group],
					...['/usr/bin/env', '--ignore-environment', ...variables, ...command],
				],
				{ encoding: 'utf8' },
			);
			return { status, output: stdout + stderr };
		},
		users() {
			const namespace = readlinkSync(`/proc/${first}/ns/pid`);
			return processes()
				.filter((pid) => namespaceOf(pid) === namespace)
				.map((pid) => Number(/^Uid:\s+\d+\s+(\d+)/m.exec(statusOf(pid))?.[1]));
		},
		async stop() {
			process.kill(first, StopSignal);
			return await exited;
		},
		dispose,
	};
}

const processes = (): number[] => readdirSync('/proc').map(Number).filter(Number.isInteger);

const statusOf = (pid: number): string => readFileSync(`/proc/${pid}/status`, 'utf8');

/** Process 1 of the namespace that `unshare` made. */
function childOf(pid: number): number {
	return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
}

function namespaceOf(pid: number): string | undefined {
	try {
		return readlinkSync(`/proc/${pid}/ns/pid`);
	} catch {
		// It ended meanwhile, or belongs to the kernel.
		return undefined;
	}
}
