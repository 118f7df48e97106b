import { readFile, rm, writeFile } from 'node:fs/promises';

interface Note {
	readonly url: string;
	/** The text that its start printed. */
	readonly text: string;
}

/** Notes that n8n runs at a URL, until it is stopped. */
export async function noteRunning(
	file: string,
	url: string,
	text: string,
): Promise<{ stop(): Promise<void> }> {
	const note: Note = { url, text };
	await writeFile(file, JSON.stringify(note), { mode: 0o600 });
	return { stop: () => rm(file, { force: true }) };
}

/** The text for a second start; undefined if n8n does not run. A note that a crash left behind is no proof. */
export async function alreadyRunning(file: string): Promise<string | undefined> {
	const kept = await readFile(file, 'utf8').catch(() => undefined);
	if (kept === undefined) return undefined;
	const { url, text } = JSON.parse(kept) as Note; // written above
	const answers = await fetch(`${url}/healthz`).then(
		({ ok }) => ok,
		() => false,
	);
	return answers ? `n8n is already running at ${url}\n${text}` : undefined;
}
