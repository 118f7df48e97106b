import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { waitUntil } from './wait-until.ts';

export interface ServiceOptions {
	/** Its name in messages. */
	name: string;
	command: string;
	args: string[];
	env?: NodeJS.ProcessEnv;
	cwd?: string;
	/** A file to which its output is appended: a pipe would stop it when the reader is gone. */
	logFile: string;
	/** Runs it as another user (POSIX only). */
	uid?: number;
	gid?: number;
	/** The signal that asks it to end in order. */
	stopSignal?: NodeJS.Signals;
}

const STOP_TIMEOUT_MS = 20_000;
const LOG_TAIL_LINES = 40;

/** A server process: its output in a file, stopped by its own handle, never left behind when this process exits. */
export class Service {
	private readonly child: ChildProcess;
	private readonly ended: Promise<void>;
	private readonly options: ServiceOptions;
	private readonly killOnExit = () => this.child.kill('SIGKILL');

	constructor(options: ServiceOptions) {
		this.options = options;
		const log = openSync(options.logFile, 'a');
		this.child = spawn(options.command, options.args, {
			stdio: ['ignore', log, log],
			// Its own group: a Ctrl-C is for us, who stop our services in order.
			detached: true,
			...(options.env && { env: options.env }),
			...(options.cwd && { cwd: options.cwd }),
			...(options.uid !== undefined && { uid: options.uid }),
			...(options.gid !== undefined && { gid: options.gid }),
		});
		closeSync(log);
		process.on('exit', this.killOnExit);
		this.ended = new Promise<void>((resolve) => {
			this.child.once('error', () => resolve());
			this.child.once('exit', () => resolve());
		}).then(() => void process.off('exit', this.killOnExit));
	}

	/**
	 * Polls `probe` until it says true.
	 * @throws with the end of the log, when the service ends first or `timeoutMs` pass
	 */
	async ready(timeoutMs: number, probe: () => Promise<boolean>): Promise<void> {
		try {
			const isReady = async () => this.hasEnded || (await probe());
			await waitUntil(`${this.options.name} is ready`, isReady, timeoutMs);
			if (this.hasEnded) throw new Error(`${this.options.name} ended instead of starting`);
		} catch (error) {
			const log = readFileSync(this.options.logFile, 'utf8').split('\n').slice(-LOG_TAIL_LINES);
			throw new Error(`${String(error)}\n${log.join('\n')}`, { cause: error });
		}
	}

	private get hasEnded(): boolean {
		const { pid, exitCode, signalCode } = this.child;
		return pid === undefined || exitCode !== null || signalCode !== null;
	}

	/** Asks it to end, and kills it when it does not within 20 s. */
	async stop(signal = this.options.stopSignal ?? 'SIGTERM'): Promise<void> {
		this.child.kill(signal);
		const timer = setTimeout(() => this.kill(), STOP_TIMEOUT_MS);
		await this.ended;
		clearTimeout(timer);
	}

	/** Ends it at once, as a power cut would. */
	async kill(): Promise<void> {
		this.child.kill('SIGKILL');
		await this.ended;
	}
}
