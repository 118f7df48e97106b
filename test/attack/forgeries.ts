import { deflateSync, gzipSync } from 'node:zlib';
import { PUBLIC_URL } from '../support/report.ts';
import { forgedWith } from '../support/webhooks/forged-with.ts';
import { inboundRequest } from '../support/webhooks/inbound-entry.ts';
import type { Scene } from '../support/webhooks/index.ts';
import { costOf, type Failure, MOST_CPU_MS, problemsOf } from './attacks.ts';
import { BODIES } from './bodies.ts';
import type { Target } from './target.ts';

/** Bodies of `BODIES` that cost most to read, and so must not be read before they are proved. */
const COSTLY = [
	'an escape and half a million numbers',
	'letters as escapes',
	'an escaped __proto__ everywhere',
	'lists, 100 deep, side by side',
	'many keys',
];

/** A thousand times as large when it is inflated, and then 32 times as large as what is taken. */
const bomb = (): Buffer => Buffer.alloc(32 * 1024 * 1024, ' ');

interface Forgery {
	readonly encoding: string;
	readonly body: Buffer;
}

/** Bodies that nobody proved, by what they are; `forge` makes one of the form that the provider sends. */
function forgeries(forge: (body: string) => Buffer, names: readonly string[]): [string, Forgery][] {
	const [first = ''] = COSTLY;
	const text = (name: string): string => String(BODIES[name]?.());
	return [
		...names.map((name): [string, Forgery] => [
			`${name}, compressed`,
			{ encoding: 'gzip', body: gzipSync(forge(text(name))) },
		]),
		[first, { encoding: 'identity', body: forge(text(first)) }],
	];
}

/** Bodies that are too large for any provider, or no bodies at all. */
const BOMBS: readonly [string, Forgery][] = [
	['32 MiB in gzip', { encoding: 'gzip', body: gzipSync(bomb()) }],
	['32 MiB in deflate', { encoding: 'deflate', body: deflateSync(bomb()) }],
	['half of a gzip', { encoding: 'gzip', body: gzipSync(bomb()).subarray(0, 16_000) }],
];

/** One address of this machine for each scene, as an address is refused after a hundred forgeries. Elsewhere there is one. */
const addressOf = (number: number): string | undefined =>
	process.platform === 'linux' ? `127.0.1.${number + 1}` : undefined;

/** Forged reports of each provider: what is refused in the end costs next to nothing before. */
export async function forgedReports(
	target: Target,
	scenes: readonly Scene[],
	names: readonly string[] = COSTLY,
): Promise<readonly Failure[]> {
	const failures: Failure[] = [];
	for (const [number, scene] of scenes.entries()) {
		const genuine = await inboundRequest(scene, scene.otherSecret);
		if (genuine.method !== 'POST') continue;
		const forge = (body: string): Buffer => forgedWith(scene, genuine, body).body;
		const from = addressOf(number);
		const path = genuine.url.slice(PUBLIC_URL.length);
		const refusals = from === undefined ? [400, 401, 413, 429] : [400, 401, 413];
		for (const [name, { encoding, body }] of [...forgeries(forge, names), ...BOMBS]) {
			const headers = Object.entries({ ...genuine.headers, 'content-encoding': encoding });
			const { ms, answer } = await costOf(target, {
				...{ method: 'POST', path, body, from },
				headers: headers.map(([header, value]) => `${header}: ${value}`),
			});
			const what = `${scene.title}: ${name}`;
			failures.push(...problemsOf(what, answer, ({ status }) => refusals.includes(status)));
			if (ms > MOST_CPU_MS) failures.push(`${what}: ${ms.toFixed(0)} ms (${answer.status})`);
		}
	}
	return failures;
}
