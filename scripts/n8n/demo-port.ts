import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

/**
 * The port of `npm run n8n` for a service: the one that it had at its first start, so that addresses entered by hand
 * stay right. Another one while that is taken.
 */
export async function demoPort(
	directory: string,
	service: 'n8n' | 'runner',
	first: number,
): Promise<number> {
	const file = join(directory, `${service}.port`);
	const kept = Number(await readFile(file, 'utf8').catch(() => ''));
	const port = await freePort(kept || first);
	if (!kept) await writeFile(file, String(port));
	else if (port !== kept)
		console.log(`Port ${kept} is taken, so ${service} has ${port} this time.`);
	return port;
}
