import { receive } from '@sureping/engine';
import { leastCost } from '../../support/least-cost.ts';
import { forgedWith } from '../../support/webhooks/forged-with.ts';
import { SCENES, SIGNED_AT } from '../../support/webhooks/index.ts';

const MIB = 2 ** 20;
/** Processor time that a stranger may take for one request of 1 MiB; milliseconds. */
const MOST_MS = 50;

const filled = (piece: (i: number) => string, open = '', close = ''): string => {
	const pieces: string[] = [];
	for (let length = 0, i = 0; length < MIB - 200; i++) {
		const next = piece(i);
		pieces.push(next);
		length += next.length;
	}
	return open + pieces.join('') + close;
};

/** Bodies of 1 MiB that cost a parser as much as they can. */
const NASTY: Readonly<Record<string, string>> = {
	'deep lists': filled(() => '[', '{"a":'),
	'deep objects': filled(() => '{"a":', '{"a":'),
	'escapes of letters': filled(() => '\\u0050', '{"a":"', '"}'),
	'escapes of proto': filled(() => '"__prot\\u006f__":1,', '{', '"b":1}'),
	'names without end': filled((i) => `"${i.toString(36)}":${i % 10},`, '{', '"b":1}'),
	'small objects': filled(() => '{"a":{}},', '{"a":[', '1]}'),
	numbers: filled((i) => `${i}e-7,`, '{"a":[', '1]}'),
	'pairs of a form': filled((i) => `A${i}=x&`),
	'one long pair': filled(() => '%41', 'A='),
	quotes: filled(() => '\\"', '{"a":"', '"}'),
	blanks: filled(() => ' ', '{', '}'),
};

describe.each(SCENES.map((scene) => [scene.title, scene] as const))('%s', (_, scene) => {
	it.each(Object.entries(NASTY))(
		'takes next to nothing for %s before it is proved',
		async (_what, body) => {
			const request = forgedWith(scene, await scene.sign(), body);
			const secrets = [scene.otherSecret];
			const now = SIGNED_AT * 1000;
			const cost = await leastCost(MOST_MS, () => {
				expect(receive(scene.provider, request, secrets, { ...scene.options, now }).ok).toBe(false);
			});
			expect(cost).toBeLessThan(MOST_MS);
		},
	);
});
