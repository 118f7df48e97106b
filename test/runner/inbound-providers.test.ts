import fc from 'fast-check';
import { PUBLIC_URL, report } from '../support/report.ts';
import { type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { connectionOf, inboundEntry, inboundRequest } from '../support/webhooks/inbound-entry.ts';
import { type Scene, SCENES } from '../support/webhooks/index.ts';

/** Those whose proof needs nothing from the internet: Amazon's certificate is behind a URL of Amazon's. */
const REACHABLE = SCENES.filter(({ certificate }) => certificate === undefined);

describe('the runner takes the reports of', () => {
	let runner: RunnerProcess;
	beforeAll(async () => {
		runner = await startRunner({
			public_url: PUBLIC_URL,
			log_level: 'error',
			inbound: SCENES.map(inboundEntry),
		});
	});
	afterAll(() => runner.dispose());

	const count = async (scene: Scene): Promise<number> =>
		(await runner.get(`/reports?connection=${connectionOf(scene)}`)).body.reports.length;

	it.each(REACHABLE.map((scene) => [scene.title, scene] as const))('%s', async (_title, scene) => {
		const forged = await report(runner, await inboundRequest(scene, scene.otherSecret));
		expect([forged.status, await count(scene)]).toEqual([401, 0]);
		const request = await inboundRequest(scene);
		expect((await report(runner, request)).status).toBe(200);
		const kept = await count(scene);
		expect(kept).toBeGreaterThan(0);
		expect((await report(runner, request)).status).toBe(200);
		expect(await count(scene)).toBe(kept);
	});

	it('and nobody’s noise, which is never a fault of the runner', async () => {
		const noise = fc.record({
			scene: fc.constantFrom(...REACHABLE),
			body: fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.json().map(Buffer.from)),
			query: fc.webQueryParameters(),
			encoding: fc.constantFrom('identity', 'gzip', 'deflate'),
			method: fc.constantFrom('GET', 'POST'),
			keepsHeaders: fc.boolean(),
		});
		const seen = new Set<number>();
		await fc.assert(
			fc.asyncProperty(noise, async ({ scene, body, query, encoding, method, keepsHeaders }) => {
				const genuine = await inboundRequest(scene);
				const request = {
					method,
					url: `${genuine.url.split('?', 1)[0] ?? ''}?${query}`,
					headers: keepsHeaders ? genuine.headers : {},
					body: Buffer.from(body),
				};
				const { status } = await report(runner, request, { 'content-encoding': encoding });
				seen.add(status);
				// A secret that is sent as it is covers no body, so some of the noise is genuine.
				expect([200, 400, 401, 429]).toContain(status);
			}),
			{ numRuns: 300 },
		);
		expect(seen.has(401)).toBe(true);
	});
});
