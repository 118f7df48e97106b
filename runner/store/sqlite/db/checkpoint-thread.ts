// The thread that makes checkpoints: see checkpoints.ts, which starts it. It imports nothing of ours, so that its build is
// small.
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/** The answer to every message: undefined, or the error. */
export type CheckpointAnswer = string | undefined;

function checkpointFor(file: string, port: NonNullable<typeof parentPort>): void {
	const db = new DatabaseSync(file);
	// The other connection moves nothing by itself, and this one writes nothing else.
	db.exec('PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0');
	port.on('message', () => {
		let answer: CheckpointAnswer;
		try {
			// Keeps no writer waiting, and waits for none (https://www.sqlite.org/pragma.html#pragma_wal_checkpoint).
			db.exec('PRAGMA wal_checkpoint(PASSIVE)');
		} catch (error) {
			answer = error instanceof Error ? error.message : String(error);
		}
		port.postMessage(answer);
	});
}

// `Checkpoints` passes the path of the file.
if (parentPort) checkpointFor(workerData as string, parentPort);
