import { readFileSync } from 'node:fs';
import { EVENT_TYPES } from '@sureping/engine';
import {
	explainOlderRunner,
	FEATURES_SINCE,
	type Feature,
	featuresOfEvents,
} from '../../nodes/runner/older-runner.ts';
import type { RunnerApi, RunnerReply } from '../../nodes/runner/runner-api.ts';
import { FEATURES } from '../../runner/http/features.ts';

/** The event types of the first runner, which had no `GET /version`. */
const FIRST_TYPES: ReadonlySet<string> = new Set(
	[
		...['queued', 'sent', 'delivered', 'retrying', 'failed', 'bounced', 'fallback'],
		...['opened', 'clicked', 'read', 'complained', 'unsubscribed'],
	].map((word) => `notification.${word}`),
);

const answer = (status: number, body: unknown): RunnerReply => ({ status, headers: {}, body });
const REFUSED = answer(422, { detail: 'The body has mistakes' });

/** A runner that answers `GET /version` like this. */
function runnerThat(version: RunnerReply): RunnerApi & { readonly asked: string[] } {
	const asked: string[] = [];
	return {
		asked,
		baseUrl: 'https://user:password@runner.example.com',
		request: async (method, path) => {
			asked.push(`${method} ${path}`);
			return version;
		},
	};
}

const explained = async (
	version: RunnerReply,
	needed: readonly Feature[] = ['undelivered'],
	reply = REFUSED,
): Promise<string | undefined> =>
	(await explainOlderRunner(runnerThat(version), reply, needed))?.message;

describe('a refusal by an older runner', () => {
	const since = FEATURES_SINCE.undelivered;

	it('names the version that is needed, the runner, and the way to update it', async () => {
		const message = await explained(answer(200, { version: '0.0.9', features: ['source'] }));
		expect(message).toBe(
			`This needs sureping ${since} or newer; the runner at https://runner.example.com is 0.0.9. Update it: https://github.com/sureping/sureping/blob/main/docs/operate/upgrade.md`,
		);
	});

	it('says that the runner is older where it does not tell its version', async () => {
		const message = await explained(answer(404, { detail: 'There is no such route' }));
		expect(message).toContain(`needs sureping ${since} or newer; the runner at`);
		expect(message).toContain('is older. Update it');
	});

	it('says so where the same version was built without the feature', async () => {
		const message = await explained(answer(200, { version: since, features: [] }));
		expect(message).toContain(`is an earlier build of ${since}. Update it`);
	});

	it.each<[string, RunnerReply]>([
		['has the feature', answer(200, { version: '9.0.0', features: ['undelivered'] })],
		['is no runner', answer(200, '<html>')],
		['refuses the key', answer(401, {})],
		['does not answer', { failure: 'unreachable', detail: '', mayHaveArrived: false } as never],
	])('is explained by itself where the other side %s', async (_, version) => {
		expect(await explained(version)).toBeUndefined();
	});

	it.each<[string, RunnerReply, readonly Feature[]]>([
		['nothing new was asked for', REFUSED, []],
		['the runner failed', answer(503, {}), ['undelivered']],
		['the key was refused', answer(403, {}), ['undelivered']],
	])('asks for no version where %s', async (_, reply, needed) => {
		const runner = runnerThat(answer(404, {}));
		expect(await explainOlderRunner(runner, reply, needed)).toBeUndefined();
		expect(runner.asked).toEqual([]);
	});
});

describe('the features of a runner', () => {
	it('are all known with the version that has them first: a released one, or the next', () => {
		expect(Object.keys(FEATURES_SINCE).sort()).toEqual([...FEATURES].sort());
		// Our own.
		const { version } = JSON.parse(readFileSync('runner/package.json', 'utf8')) as {
			version: string;
		};
		const since = [...new Set<string>(Object.values(FEATURES_SINCE))];
		for (const one of since) expect(one).toMatch(/^\d+\.\d+\.\d+$/);
		const isNewer = (one: string): boolean =>
			one.localeCompare(version, 'en', { numeric: true }) > 0;
		expect(since.filter(isNewer).length).toBeLessThanOrEqual(1);
	});

	it('include one for each event type that the first runner did not know', () => {
		const newer = Object.keys(EVENT_TYPES).filter((type) => !FIRST_TYPES.has(type));
		expect(newer.length).toBeGreaterThan(0);
		expect(newer.filter((type) => featuresOfEvents([type]).length === 0)).toEqual([]);
		expect(featuresOfEvents([...FIRST_TYPES])).toEqual([]);
	});
});
