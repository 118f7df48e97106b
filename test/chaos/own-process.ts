import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { waitUntil } from '../../scripts/n8n/wait-until.ts';

/** A part of the run in a process of its own. It ends when its standard input does. */
export class OwnProcess {
	private readonly name: string;
	private readonly child: ChildProcessByStdio<Writable, Readable, null>;
	private readonly closed: Promise<unknown>;
	private output = '';

	constructor(script: string, args: readonly string[]) {
		this.name = basename(script);
		this.child = spawn(process.execPath, [script, ...args], {
			stdio: ['pipe', 'pipe', 'inherit'],
		});
		this.child.stdin.on('error', () => undefined);
		this.child.stdout.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
		this.closed = once(this.child, 'close');
	}

	/** A line of its output, from 0. */
	async line(what: string, limitMs: number, number = 0): Promise<string> {
		const found = await waitUntil(
			`${this.name} says that ${what}`,
			() => this.output.split('\n').slice(0, -1)[number] ?? this.hasFailed,
			limitMs,
		);
		if (found === true) throw new Error(`${this.name} ended with ${this.child.exitCode}`);
		return found;
	}

	/** Asks it to end, and resolves when it has. */
	async end(limitMs: number): Promise<void> {
		this.child.stdin.end();
		await this.toEnd(limitMs);
	}

	/** Resolves with all that it printed when it has ended well. */
	async toEnd(limitMs: number): Promise<string> {
		const timer = setTimeout(() => this.kill(), limitMs);
		await this.closed;
		clearTimeout(timer);
		if (this.hasFailed) {
			throw new Error(
				`${this.name} ended with ${this.child.exitCode ?? this.child.signalCode ?? 'nothing'}`,
			);
		}
		return this.output;
	}

	kill(): void {
		this.child.kill('SIGKILL');
	}

	private get hasFailed(): boolean {
		const { exitCode, signalCode } = this.child;
		return signalCode !== null || (exitCode !== null && exitCode !== 0);
	}
}
