import { json, type RecordingServer, startRecordingServer } from './recording-server.ts';

export interface FakeOnePush extends RecordingServer {
	readonly headerValue: string;
}

const HEADER_VALUE = 'Key 0123456789';

/** OnePush publishes no API, so this takes any JSON with the right header and answers with an id two levels down. */
export async function startOnePush(): Promise<FakeOnePush> {
	let sent = 0;
	const server = await startRecordingServer(({ headers }) =>
		headers['x-api-key'] === HEADER_VALUE
			? json(201, { data: { id: `op-${++sent}` } })
			: json(401, { error: 'unknown key' }),
	);
	return { ...server, headerValue: HEADER_VALUE };
}
