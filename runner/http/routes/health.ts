import { z } from 'zod/v4';
import type { ApiWith } from '../api.ts';
import type { App } from '../app.ts';
import { StoreUnavailable } from '../../store/contract/errors.ts';
import { Problem } from '../problem.ts';

/** Time that the result of a probe is reused; milliseconds. A probe writes to disk, and anyone may call it. */
const PROBE_KEPT_MS = 1_000;

/** Liveness, readiness and metrics, as orchestrators and Prometheus ask for them. */
export function healthRoutes(app: App, api: ApiWith<'upkeep'>): void {
	let probe: { at: number; fault: Promise<string | undefined> } | undefined;
	const tags = ['Operation'];

	app.get(
		'/healthz',
		{
			schema: {
				summary: 'Check that the process is alive',
				tags,
				response: { 200: z.object({ status: z.literal('ok') }) },
			},
		},
		async () => ({ status: 'ok' as const }),
	);

	app.get(
		'/readyz',
		{
			schema: {
				summary: 'Check that the store can be written',
				tags,
				response: { 200: z.object({ status: z.literal('ready') }) },
			},
		},
		async () => {
			const now = api.clock.now();
			if (!probe || Math.abs(now - probe.at) >= PROBE_KEPT_MS)
				probe = { at: now, fault: faultOf(api) };
			if (api.isStopping()) throw new Problem(503, 'The runner is shutting down');
			const fault = await probe.fault;
			if (fault !== undefined) throw new Problem(503, fault);
			return { status: 'ready' as const };
		},
	);

	app.get(
		'/metrics',
		{ schema: { summary: 'Metrics in the Prometheus text format', tags } },
		async (_request, reply) =>
			await reply.type(api.metrics.registry.contentType).send(await api.metrics.registry.metrics()),
	);
}

/** The reason for which the store cannot be written; undefined when it can. */
async function faultOf({ store, log }: ApiWith<'upkeep'>): Promise<string | undefined> {
	const fault = 'The store cannot be written';
	try {
		await store.upkeep.probe();
		return undefined;
	} catch (err) {
		log.error({ err }, 'the store cannot be written');
		return err instanceof StoreUnavailable ? `${fault}: ${err.message}` : fault;
	}
}
