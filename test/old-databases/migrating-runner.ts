import { type ChildProcess, spawn } from 'node:child_process';
import { RUNNER } from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';

/** A large database on a busy machine takes minutes. */
const LIMIT_MS = 600_000;

/** The answer of `GET /readyz`. */
export interface Readiness {
	readonly status: number;
	/** Rows that are moved; undefined unless the database is being migrated. */
	readonly done: number | undefined;
}

/** A process of the runner that has a database to migrate before it is ready. */
export class MigratingRunner {
	readonly url: string;
	private readonly child: ChildProcess;
	private readonly exited: Promise<number | null>;
	private stderr = '';

	constructor(config: string, port: number) {
		this.url = `http://127.0.0.1:${port}`;
		const args = [...RUNNER, 'serve', '--config', config, '--port', String(port)];
		this.child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
		this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
		this.exited = new Promise((resolve) => this.child.once('exit', (code) => resolve(code)));
	}

	/** Undefined while nothing listens. */
	async readiness(): Promise<Readiness | undefined> {
		const response = await fetch(`${this.url}/readyz`).catch(() => undefined);
		if (!response) return undefined;
		const [, done] = /migrating: (\d+) of \d+ rows/.exec(await response.text()) ?? [];
		return { status: response.status, done: done === undefined ? undefined : Number(done) };
	}

	/** Resolves once more rows are moved than `least`; rejects when it is ready before that is seen. */
	async movedMoreThan(least: number): Promise<void> {
		const { status } = await this.until(
			`more than ${least} rows are moved`,
			({ status, done }) => status === 200 || (done !== undefined && done > least),
		);
		if (status === 200) throw new Error('All rows are moved');
	}

	async ready(): Promise<void> {
		await this.until('the runner is ready', ({ status }) => status === 200);
	}

	private async until(what: string, is: (found: Readiness) => boolean): Promise<Readiness> {
		const probe = async (): Promise<Readiness | 'ended' | undefined> => {
			if (this.child.exitCode !== null) return 'ended';
			const found = await this.readiness();
			return found && is(found) ? found : undefined;
		};
		const found = await waitUntil(what, probe, LIMIT_MS);
		if (found === 'ended') throw new Error(`The runner ended:\n${this.stderr}`);
		return found;
	}

	/** Its log so far. */
	log(): string {
		return this.stderr;
	}

	get pid(): number | undefined {
		return this.child.pid;
	}

	/** Resolves with its exit code, or null when the signal ended it. */
	async kill(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
		this.child.kill(signal);
		return await this.exited;
	}
}
