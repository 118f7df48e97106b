import { randomBytes } from 'node:crypto';
import { isoTime } from '@sureping/engine';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod/v4';
import { toEndpoint } from '../../config/load.ts';
import { endpointFields } from '../../config/schema.ts';
import type { Endpoint } from '../../store/store.ts';
import type { Api } from '../api.ts';
import { check, invalid, Problem } from '../problem.ts';

const createSchema = z.strictObject(endpointFields);

const changeSchema = z.strictObject({
	name: endpointFields.name.optional(),
	url: endpointFields.url.optional(),
	events: endpointFields.events,
	default: z.boolean().optional(),
});

/** Subscriptions to delivery events. Their secrets are answered once: when they are made. */
export function endpointRoutes(app: FastifyInstance, api: Api): void {
	app.post('/endpoints', async (request, reply) => {
		api.authenticate(request, 'endpoints');
		const settings = check(createSchema, request.body);
		await refuseUrl(settings.url, api);
		const now = api.clock.now();
		const endpoint: Endpoint = {
			...toEndpoint(settings, api.webhookPolicy),
			id: api.newId('ep'),
			secret: newSecret(),
			source: 'api',
			createdAt: now,
		};
		if (!(await api.store.addEndpoint(endpoint))) throw await taken(settings.url, api);
		return await reply.code(201).send({ ...toWire(endpoint), secret: endpoint.secret });
	});

	app.get('/endpoints', async (request) => {
		api.authenticate(request, 'endpoints', 'read');
		return { endpoints: (await api.store.endpoints()).map(toWire) };
	});

	app.get<{ Params: { id: string } }>('/endpoints/:id', async (request) => {
		api.authenticate(request, 'endpoints', 'read');
		return toWire(await find(request.params.id, api));
	});

	app.patch<{ Params: { id: string } }>('/endpoints/:id', async (request) => {
		api.authenticate(request, 'endpoints');
		const endpoint = await findChangeable(request.params.id, api);
		const { name, url, events, default: isDefault } = check(changeSchema, request.body);
		if (url !== undefined && url !== endpoint.url) {
			await refuseUrl(url, api);
			const others = await api.store.endpoints();
			if (others.some((other) => other.source === 'api' && other.url === url)) {
				throw await taken(url, api);
			}
		}
		const changed: Endpoint = {
			...endpoint,
			name: name ?? endpoint.name,
			url: url ?? endpoint.url,
			events: events ?? endpoint.events,
			isDefault: isDefault ?? endpoint.isDefault,
		};
		await api.store.changeEndpoint(changed);
		return toWire(changed);
	});

	app.delete<{ Params: { id: string } }>('/endpoints/:id', async (request, reply) => {
		api.authenticate(request, 'endpoints');
		const { id } = await findChangeable(request.params.id, api);
		await api.store.removeEndpoint(id);
		return await reply.code(204).send();
	});
}

function newSecret(): string {
	return `whsec_${randomBytes(32).toString('base64')}`;
}

async function refuseUrl(url: string, { guard }: Api): Promise<void> {
	const refusal = await guard.refuse(url);
	if (refusal) throw invalid([{ path: 'url', message: refusal }]);
}

async function find(id: string, { store }: Api): Promise<Endpoint> {
	const found = (await store.endpoints()).find((endpoint) => endpoint.id === id);
	if (!found) throw new Problem(404, 'There is no endpoint with this id');
	return found;
}

async function findChangeable(id: string, api: Api): Promise<Endpoint> {
	const endpoint = await find(id, api);
	if (endpoint.source === 'config') {
		throw new Problem(409, `"${endpoint.name}" is in the config file; change it there`);
	}
	return endpoint;
}

async function taken(url: string, { store }: Api): Promise<Problem> {
	const other = (await store.endpoints()).find((e) => e.source === 'api' && e.url === url);
	return new Problem(409, 'Another endpoint has this URL', [], { endpoint_id: other?.id });
}

function toWire(endpoint: Endpoint): Record<string, unknown> {
	return {
		id: endpoint.id,
		name: endpoint.name,
		url: endpoint.url,
		profile: endpoint.profile,
		events: endpoint.events,
		default: endpoint.isDefault,
		signature_input: endpoint.signatureInput,
		ack: endpoint.ack,
		status: endpoint.status,
		created_at: isoTime(endpoint.createdAt),
	};
}
