import type { FastifyInstance } from 'fastify';
import type { Api } from '../api.ts';
import { Problem } from '../problem.ts';

/** A probe writes to disk and needs no key, so its result serves everybody for this long. */
const PROBE_KEPT_MS = 1_000;

/** Liveness and readiness, as orchestrators ask for them. */
export function healthRoutes(app: FastifyInstance, api: Api): void {
	let probe: { at: number; ready: Promise<boolean> } | undefined;

	app.get('/healthz', async () => ({ status: 'ok' }));

	app.get('/readyz', async () => {
		const now = api.clock.now();
		if (!probe || now - probe.at >= PROBE_KEPT_MS) probe = { at: now, ready: isWritable(api) };
		if (api.isStopping()) throw new Problem(503, 'The runner is going down');
		if (!(await probe.ready)) throw new Problem(503, 'The store cannot be written');
		return { status: 'ready' };
	});
}

async function isWritable({ store, log }: Api): Promise<boolean> {
	try {
		await store.probe();
		return true;
	} catch (err) {
		log.error({ err }, 'the store cannot be written');
		return false;
	}
}
