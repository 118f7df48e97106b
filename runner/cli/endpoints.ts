import { PROFILE_IDS } from '@sureping/engine';
import { type Command, InvalidArgumentError } from 'commander';
import type { z } from 'zod/v4';
import type {
	endpointListSchema,
	endpointSchema,
	endpointTestSchema,
	newEndpointSchema,
} from '../http/response-schemas.ts';
import { show, table } from './output.ts';
import { call, type RemoteOptions, withRemote } from './remote.ts';

type NewEndpoint = z.infer<typeof newEndpointSchema>;
type ShownEndpoint = z.infer<typeof endpointSchema>;

interface AddOptions extends RemoteOptions {
	readonly name: string;
	readonly profile?: string;
	readonly events?: string;
	readonly batch?: Batch;
	readonly reportType?: string;
	readonly header?: Readonly<Record<string, string>>;
	readonly rateLimit?: RateLimit;
}

/** `sureping endpoints …`: the endpoints and their events. */
export function addEndpoints(program: Command): void {
	const endpoints = program.command('endpoints').description('manage the URLs that receive events');

	withRemote(endpoints.command('list').description('list endpoints')).action(
		async (options: RemoteOptions) => {
			const found = await call<z.infer<typeof endpointListSchema>>(options, 'GET', '/endpoints');
			const rows = found.endpoints.map((endpoint) => [
				endpoint.id,
				endpoint.name,
				endpoint.status,
				healthText(endpoint),
				endpoint.profile,
				endpoint.url,
			]);
			const head = ['ID', 'NAME', 'STATUS', 'HEALTH', 'PROFILE', 'URL'];
			show(options.json, found, ...table([head, ...rows]));
		},
	);

	withRemote(
		endpoints.command('show').description('show an endpoint and its health').argument('<id>'),
	).action(async (id: string, options: RemoteOptions) => {
		const endpoint = await call<ShownEndpoint>(options, 'GET', pathOf(id));
		const { health, disabled_reason } = endpoint;
		const rows = [
			['name', endpoint.name],
			['url', endpoint.url],
			['profile', endpoint.profile],
			['events', endpoint.events.join(', ')],
			['status', endpoint.status + (disabled_reason ? ` (${disabled_reason})` : '')],
			['health', healthText(endpoint)],
			...(health.failing_since ? [['failing since', health.failing_since]] : []),
			...(health.paused_until ? [['paused until', health.paused_until]] : []),
		];
		show(options.json, endpoint, ...table(rows));
	});

	withRemote(
		endpoints
			.command('add')
			.description('add an endpoint; its secret is shown once')
			.argument('<url>')
			.requiredOption('--name <name>', 'name of the endpoint')
			.option('--profile <profile>', `format of its webhooks: ${PROFILE_IDS.join(', ')}`)
			.option('--events <types>', 'only these event types, separated by commas')
			.option(
				'--batch <events[,ms]>',
				'most events in one request, and milliseconds to wait for them (default 1000)',
				toBatch,
			)
			.option('--report-type <type>', 'for otpiq: all or final')
			.option('--header <name: value>', 'header of every request; may be repeated', toHeaders)
			.option(
				'--rate-limit <max[/s]>',
				'requests per number of seconds (default 1), such as 10/1',
				toRateLimit,
			),
	).action(async (url: string, options: AddOptions) => {
		const made = await call<NewEndpoint>(options, 'POST', '/endpoints', {
			name: options.name,
			url,
			profile: options.profile,
			events: options.events?.split(','),
			batch: options.batch,
			report_type: options.reportType,
			headers: options.header,
			rate_limit: options.rateLimit,
		});
		const secret = made.secret === undefined ? [] : [`secret: ${made.secret}`];
		show(options.json, made, made.id, ...secret);
	});

	withRemote(
		endpoints
			.command('rotate-secret')
			.description('replace the secret of an endpoint; the new one is shown once')
			.argument('<id>'),
	).action(async (id: string, options: RemoteOptions) => {
		const made = await call<NewEndpoint>(options, 'POST', `${pathOf(id)}/rotate-secret`, {});
		show(options.json, made, `secret: ${made.secret}`);
	});

	withRemote(
		endpoints.command('test').description('post a test event and show the answer').argument('<id>'),
	).action(async (id: string, options: RemoteOptions) => {
		const path = `${pathOf(id)}/test`;
		const result = await call<z.infer<typeof endpointTestSchema>>(options, 'POST', path, {});
		const said = result.error?.message ?? `It answered ${result.status}`;
		show(options.json, result, `${said} after ${result.latency_ms} ms`);
		process.exitCode = result.ok ? 0 : 1;
	});

	for (const [verb, description, done] of [
		[
			'enable',
			'enable an endpoint; what was held for it is sent',
			'is enabled; its held events are being sent',
		],
		[
			'disable',
			'disable an endpoint; its events are held',
			'is disabled; its events are held until it is enabled',
		],
	] as const) {
		withRemote(endpoints.command(verb).description(description).argument('<id>')).action(
			async (id: string, options: RemoteOptions) => {
				const endpoint = await call(options, 'POST', `${pathOf(id)}/${verb}`, {});
				show(options.json, endpoint, `${id} ${done}`);
			},
		);
	}

	withRemote(
		endpoints
			.command('remove')
			.description('remove an endpoint and cancel its pending webhooks')
			.argument('<id>'),
	).action(async (id: string, options: RemoteOptions) => {
		await call(options, 'DELETE', pathOf(id));
		show(options.json, { id }, `${id} is removed`);
	});
}

/** A summary of its latest requests. */
function healthText({ health }: ShownEndpoint): string {
	const { consecutive_failures: failures, breaker, paused_until } = health;
	const words = [
		...(failures > 0 ? [`${failures} failed`] : []),
		...(breaker === 'open' ? ['only probed'] : paused_until ? ['paused'] : []),
	];
	return words.length > 0 ? words.join(', ') : 'ok';
}

interface Batch {
	readonly max_events: number;
	readonly max_wait_ms: number;
}

const DEFAULT_WAIT_MS = 1_000;

function toBatch(text: string): Batch {
	const [, events, wait] = /^(\d{1,9})(?:,(\d{1,9}))?$/.exec(text) ?? [];
	if (events === undefined) {
		throw new InvalidArgumentError(
			'Give a number of events, or events and milliseconds, such as 100,500',
		);
	}
	return {
		max_events: Number(events),
		max_wait_ms: wait === undefined ? DEFAULT_WAIT_MS : Number(wait),
	};
}

interface RateLimit {
	readonly max: number;
	readonly window_s: number;
}

function toRateLimit(text: string): RateLimit {
	const [, max, window = '1'] = /^(\d{1,9})(?:\/(\d{1,9}(?:\.\d{1,3})?))?$/.exec(text) ?? [];
	if (max === undefined) {
		throw new InvalidArgumentError(
			'Give a number of requests, or requests and seconds, such as 100/60',
		);
	}
	return { max: Number(max), window_s: Number(window) };
}

function toHeaders(text: string, before: Readonly<Record<string, string>> = {}): typeof before {
	const colon = text.indexOf(':');
	if (colon < 1) {
		throw new InvalidArgumentError('Give a name, a colon and a value, such as X-Team: ops');
	}
	return { ...before, [text.slice(0, colon)]: text.slice(colon + 1).trimStart() };
}

const pathOf = (id: string): string => `/endpoints/${encodeURIComponent(id)}`;
