import type { RunnerProcess } from './runner-process.ts';
import type { SceneRequest } from './webhooks/index.ts';

/** Where the provider believes that it posts to; it signs this URL. */
export const PUBLIC_URL = 'https://ping.example.com';

export interface ReportAnswer {
	readonly status: number;
	readonly text: string;
}

/** A provider's request on its way through the proxy that makes the runner public. */
export async function report(
	{ url }: Pick<RunnerProcess, 'url'>,
	{ method, url: called, headers, body }: SceneRequest,
	more: Readonly<Record<string, string>> = {},
): Promise<ReportAnswer> {
	const response = await fetch(url + called.slice(PUBLIC_URL.length), {
		method,
		headers: { ...headers, ...more },
		...(method === 'GET' ? {} : { body: new Uint8Array(body) }),
	});
	return { status: response.status, text: await response.text() };
}
