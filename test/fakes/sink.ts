import { type RecordingServer, startRecordingServer } from './recording-server.ts';

/** Somebody's webhook endpoint: takes whatever comes and answers 200, or what `answer` queued. */
export function startSink(): Promise<RecordingServer> {
	return startRecordingServer(() => ({ status: 200, body: '' }));
}
