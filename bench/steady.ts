// The runner alone for minutes: takes all it accepts, or a given rate, then drains what is left. What to look for: the
// same rates and memory in the last slice as in the first, and how far the webhooks are behind the messages that they
// tell about, as they are the last to get a turn.
import { parseArgs } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import { runner } from './contenders.ts';
import { found } from './goals.ts';
import { load, LOAD_GENERATOR, saturate } from './load.ts';
import { median } from './process.ts';
import { withScene } from './scene.ts';
import { Lag } from './lag.ts';
import { table } from './table.ts';
import { usageOf } from './usage.ts';

const SLICE_MS = 10_000;
/** Draining is a rate too: after so many slices it is known, however much is left. */
const DRAIN_SLICES = 6;
const LOOK_MS = 200;
/** A CPU share well under 100 % says that the machine was busy with something else. */
const COLUMNS = ['s', 'messages/s', 'webhooks/s', 'behind', 'behind, s', 'CPU, %', 'RSS, MB'];

const { values } = parseArgs({
	options: { minutes: { type: 'string', default: '10' }, rate: { type: 'string' } },
});
const seconds = Number(values.minutes) * 60;
const perSecond = values.rate === undefined ? undefined : Number(values.rate);

interface Slice {
	/** Per second, as are `webhooks`. */
	readonly messages: number;
	readonly webhooks: number;
	/** Processor seconds per second. */
	readonly cpu: number;
	readonly rssMb: number;
}

const line = (cells: readonly (string | number)[]): void =>
	console.log(cells.map((cell) => String(cell).padStart(12)).join(''));

await withScene(async (scene, started) => {
	const url = `http://127.0.0.1:${await runner.start(scene, started)}`;
	const lag = new Lag();
	const start = performance.now();
	let last = { at: start, channel: 0, endpoint: 0, ...usageOf(started) };

	/** Watches until `ended` says so, or for a slice, and prints it. */
	async function slice(ended: () => boolean): Promise<Slice> {
		let counts = await scene.counts();
		const until = performance.now() + SLICE_MS;
		while (performance.now() < until && !ended()) {
			await wait(LOOK_MS);
			counts = await scene.counts();
			lag.look(performance.now(), counts);
		}
		const now = { at: performance.now(), ...counts, ...usageOf(started) };
		const per = (now.at - last.at) / 1000;
		const one = {
			messages: (now.channel - last.channel) / per,
			webhooks: (now.endpoint - last.endpoint) / per,
			cpu: (now.cpuSeconds - last.cpuSeconds) / per,
			rssMb: now.rssMb,
		};
		line([
			...[(now.at - start) / 1000, one.messages, one.webhooks].map(Math.round),
			...[now.channel - now.endpoint, lag.seconds.toFixed(1)],
			...[Math.round(one.cpu * 100), Math.round(now.rssMb)],
		]);
		last = now;
		return one;
	}

	const kind =
		perSecond === undefined ? `as many as are accepted, by ${LOAD_GENERATOR}` : perSecond;
	console.log(`\nThe runner alone, sends per second: ${kind}`);
	line(COLUMNS);
	const loaded: Slice[] = [];
	let loading = true;
	const sends =
		perSecond === undefined ? saturate(url, seconds) : load(url, { seconds, perSecond });
	const result = sends.finally(() => (loading = false));
	while (loading) {
		const from = performance.now();
		const one = await slice(() => !loading);
		if (performance.now() - from > SLICE_MS / 2) loaded.push(one);
	}
	const { accepted, refused, p99 } = await result;
	const most = { seconds: lag.mostSeconds, count: lag.mostCount };

	console.log('no more sends:');
	const full = last;
	const drained: Slice[] = [];
	const isDone = (): boolean => last.endpoint >= accepted;
	while (drained.length < DRAIN_SLICES && !isDone()) {
		drained.push(await slice(() => lag.endpoint >= accepted));
	}
	const drain = (last.endpoint - full.endpoint) / ((last.at - full.at) / 1000);
	const { peakMb } = usageOf(started);
	const [first, final] = [loaded[0], loaded.at(-1)];
	if (!first || !final) throw new Error('--minutes is too short for one slice');
	console.log(
		table([
			['', 'messages/s', 'webhooks/s', 'RSS, MB'],
			...(
				[
					['first slice', first],
					['last slice', final],
				] as const
			).map(([name, { messages, webhooks, rssMb }]) => [
				name,
				...[messages, webhooks, rssMb].map((figure) => figure.toFixed(0)),
			]),
			['median', ...medians(loaded), ''],
			['drained', '', drain.toFixed(0), last.rssMb.toFixed(0)],
		]),
	);
	console.log(
		`accepted ${accepted}, asked to come back later ${refused}, p99 ${p99.toFixed(1)} ms; webhooks behind at most ${most.count}, ${most.seconds.toFixed(1)} s; peak of memory ${peakMb.toFixed(0)} MB`,
	);
	if (perSecond === undefined) {
		found('webhookDelay', [most.seconds]);
		found('saturatedMemory', [peakMb]);
	}
});

function medians(slices: readonly Slice[]): readonly string[] {
	return [
		median(slices.map(({ messages }) => messages)).toFixed(0),
		median(slices.map(({ webhooks }) => webhooks)).toFixed(0),
	];
}
