import { between, draw, pick } from './draw.ts';
import type { Connection } from './plan.ts';

/** Where a send goes and what it falls back to. */
interface Route {
	readonly channels: readonly Connection[];
	readonly fallbacks?: readonly Connection[];
}

const ROUTES: readonly (readonly [number, Route])[] = [
	[0.58, { channels: ['webhook:main'] }],
	[0.08, { channels: ['webhook:main', 'slack:ops'] }],
	[0.04, { channels: ['slack:ops'] }],
	[0.1, { channels: ['webhook:doomed'], fallbacks: ['webhook:main'] }],
	[0.14, { channels: ['webhook:doomed', 'webhook:doomed-too'], fallbacks: ['webhook:main'] }],
	[0.06, { channels: ['webhook:doomed'], fallbacks: ['webhook:doomed-too', 'slack:ops'] }],
];

/** A send as the load asks for it, and asks again: the same to the byte. */
export interface PlannedSend {
	readonly n: number;
	readonly body: Readonly<Record<string, unknown>>;
	/** In the header of a send, in the body of one in a batch. */
	readonly idempotencyKey: string | undefined;
	/** It is asked for once more although it was answered. */
	readonly isRepeated: boolean;
}

/** `now` in milliseconds, for sends that are to go later. */
export function planSendNumber(
	seed: string,
	n: number,
	callbackUrl: string,
	now: number,
): PlannedSend {
	const chance = (purpose: string): number => draw(seed, 'send', n, purpose);
	const { channels, fallbacks } = pick(ROUTES, chance('route'));
	const hasKey = chance('key') < 0.5;
	return {
		n,
		// Channels that carry no metadata show the number in the text.
		body: {
			message: `number ${n};`,
			channels,
			metadata: { n },
			...(fallbacks ? { fallback_channels: fallbacks } : {}),
			...(chance('callback') < 0.25 ? { callback_url: callbackUrl } : {}),
			...(chance('priority') < 0.1 ? { priority: 'critical' } : {}),
			...(chance('later') < 0.05 ? { send_at: new Date(now + 1_000).toISOString() } : {}),
		},
		idempotencyKey: hasKey ? `key-${n}` : undefined,
		isRepeated: hasKey && chance('repeat') < 0.2,
	};
}

/** Sends in one request from this number on; 1 is a request of its own. */
export function batchSize(seed: string, n: number): number {
	return draw(seed, 'batch', n) < 0.06 ? between(2, 6, draw(seed, 'batch size', n)) : 1;
}
