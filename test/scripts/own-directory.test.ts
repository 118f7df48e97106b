import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inOwnDirectory } from '../../scripts/bootstrap/own-directory.mjs';
import { waitUntil } from '../support/wait-until.ts';

const isAlive = (pid: number): boolean => {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
};

/** Ignores SIGTERM and outlives who started it. */
const STUBBORN = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("up")';

async function startStubborn(env: Record<string, string>): Promise<number> {
	const child = spawn(process.execPath, ['-e', STUBBORN], {
		env: { ...process.env, ...env },
		detached: true,
		stdio: ['ignore', 'pipe', 'ignore'],
	});
	let said = '';
	child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
	await waitUntil('it is up', () => said.includes('up'));
	child.unref();
	return child.pid!;
}

describe('work in a temporary directory of its own', () => {
	it('leaves nothing and says so', async () => {
		const { result, left } = await inOwnDirectory(async ({ TMPDIR }) => TMPDIR!);
		expect(left).toEqual([]);
		expect(existsSync(result)).toBe(false);
	});

	it('has what it left named and removed', async () => {
		const { result, left } = await inOwnDirectory(async ({ TMPDIR }) => {
			writeFileSync(join(mkdtempSync(join(TMPDIR!, 'forgotten-')), 'file'), '');
			return TMPDIR!;
		});
		expect(left).toEqual([expect.stringMatching(/^forgotten-/)]);
		expect(existsSync(result)).toBe(false);
	});

	const onLinux = existsSync('/proc/self/environ') ? it : it.skip;

	onLinux('has the processes named and ended that it left running, however stubborn', async () => {
		const { result, left } = await inOwnDirectory(startStubborn);
		expect(left).toEqual([expect.stringContaining(`process ${result} (`)]);
		await waitUntil('it has ended', () => !isAlive(result));
	});

	onLinux('ends them as well when the work throws', async () => {
		let pid = 0;
		const work = inOwnDirectory(async (env) => {
			pid = await startStubborn(env);
			throw new Error('interrupted');
		});
		await expect(work).rejects.toThrow('interrupted');
		await waitUntil('it has ended', () => !isAlive(pid));
	});
});
