import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runToEnd, succeeds } from './process.ts';

/** Installed by `apt-get install wrk`. It takes a third of the processor time of a load generator in Node. */
export const wrkIsThere = succeeds('which', ['wrk']);

export interface WrkResult {
	readonly accepted: number;
	/** Answers other than 2xx. They are not repeated. */
	readonly refused: number;
	/** Milliseconds. */
	readonly p50: number;
	readonly p99: number;
}

/** Posts the same body for so long, each connection its next when its last is answered. */
export async function runWrk(
	url: string,
	options: {
		readonly seconds: number;
		readonly connections: number;
		readonly headers: Readonly<Record<string, string>>;
		readonly body: string;
		/** A header that has another value in each request. */
		readonly counted?: string | undefined;
	},
): Promise<WrkResult> {
	const dir = mkdtempSync(join(tmpdir(), 'sureping-wrk-'));
	try {
		const script = join(dir, 'post.lua');
		const { seconds, connections, headers, body, counted } = options;
		// A JSON string without control characters is a Lua string too.
		const lua = [
			'wrk.method = "POST"',
			...Object.entries(headers).map(
				([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`,
			),
			`wrk.body = ${JSON.stringify(body)}`,
			...(counted === undefined ? [] : [countedLua(counted)]),
		];
		writeFileSync(script, lua.join('\n'));
		const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s', script, url];
		return read(await runToEnd('wrk', args));
	} finally {
		rmSync(dir, { recursive: true });
	}
}

const countedLua = (header: string): string => `
local run, count = ${JSON.stringify(randomUUID())}, 0
request = function()
	count = count + 1
	wrk.headers[${JSON.stringify(header)}] = run .. "-" .. count
	return wrk.format()
end`;

const MILLISECONDS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 };

function read(output: string): WrkResult {
	const number = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? 0);
	const latency = (percentile: number): number => {
		const [, value, unit] =
			new RegExp(String.raw`\s${percentile}%\s+([\d.]+)(us|ms|s)`).exec(output) ?? [];
		return Number(value) * (MILLISECONDS[unit ?? ''] ?? Number.NaN);
	};
	const refused = number(/Non-2xx or 3xx responses: (\d+)/);
	const accepted = number(/(\d+) requests in/) - refused;
	return { accepted, refused, p50: latency(50), p99: latency(99) };
}
