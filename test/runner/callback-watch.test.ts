import type { Outcome } from '@sureping/engine';
import { CallbackWatch } from '../../runner/workers/callback-watch.ts';
import { T0 } from '../support/dispatch-scene.ts';

const down: Outcome = {
	result: 'failed',
	permanent: false,
	error: { code: 'CONNECTION_FAILED', message: 'ECONNREFUSED' },
};
const webhook = { id: 'whd_1', isLast: false, timeoutMs: 1_000 };

/** Enough failures to open a host's breaker. */
function fail(watch: CallbackWatch, host: string, at: number): void {
	for (let i = 0; i < 10; i++) watch.settle(host, `whd_${i}`, down, at);
}

it('of 10,001 hosts that are down, the one that failed first is forgotten', () => {
	const watch = new CallbackWatch();
	const host = (i: number): string => `host${i}.example:443`;
	for (let i = 0; i <= 10_000; i++) fail(watch, host(i), T0 + i);
	const now = T0 + 10_001;
	expect(watch.refusal(host(0), webhook, now)).toBeUndefined();
	for (const i of [1, 2, 5_000, 9_999, 10_000]) {
		expect(watch.refusal(host(i), webhook, now)?.error?.code ?? 'probe').toMatch(
			/CONNECTION|probe/,
		);
		expect(watch.refusal(host(i), { ...webhook, id: 'whd_2' }, now)).toBeDefined();
	}
});
