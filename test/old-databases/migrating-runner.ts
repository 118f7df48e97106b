import { type ChildProcess, spawn } from 'node:child_process';
import { RUNNER } from '../support/runner-process.ts';

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
		if (this.child.exitCode !== null) throw new Error(`The runner ended:\n${this.stderr}`);
		const response = await fetch(`${this.url}/readyz`).catch(() => undefined);
		if (!response) return undefined;
		const [, done] = /migrating: (\d+) of \d+ rows/.exec(await response.text()) ?? [];
		return { status: response.status, done: done === undefined ? undefined : Number(done) };
	}

	/** Resolves with the rows that are moved once they are more than `least`; rejects when all are moved before. */
	async movedMoreThan(least: number): Promise<number> {
		for (;;) {
			const found = await this.readiness();
			if (found?.status === 200) throw new Error(`All rows were moved before ${least} were seen`);
			if (found?.done !== undefined && found.done > least) return found.done;
		}
	}

	async ready(): Promise<void> {
		while ((await this.readiness())?.status !== 200);
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
