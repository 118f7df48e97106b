import type { Socket } from 'node:net';
import { PUBLIC_URL } from '../support/report.ts';
import { waitUntil } from '../support/wait-until.ts';
import { inboundEntry } from '../support/webhooks/inbound-entry.ts';
import { SCENES } from '../support/webhooks/index.ts';
import { BODIES } from './bodies.ts';
import { bytesOf, exchange, hold, type RawAnswer, type RawRequest } from './raw.ts';
import { hasBody, type Route, routesOf } from './routes.ts';
import type { Target } from './target.ts';

export const KEY = 'sp_attack_key_0123456789';
export const OTHER_KEY = 'sp_other_key_0123456789';

/** A runner with something behind every route. */
export const CONFIG = {
	api_keys: [
		{ name: 'attacker', key: KEY, scopes: ['admin'], webhook_secret: 'whsec_callbacks_0123456789' },
		{ name: 'other', key: OTHER_KEY, scopes: ['send', 'read'] },
	],
	connections: [{ name: 'terminal', channel: 'console' }],
	public_url: PUBLIC_URL,
	inbound: [
		{ provider: 'telegram', connection: 'reports', secret: 'inbound_secret_0123456789' },
		...SCENES.map(inboundEntry),
	],
	webhook_health: { breaker: { failures: 1000 } },
};

/** Processor time that one request may use; milliseconds. */
export const MOST_CPU_MS = 50;
const TRIES = 5;
/** A batch is the work of a thousand requests, so of it each turn of the event loop is measured. */
const IN_SLICES = new Set(['/send/batch']);

const MB = 1024 * 1024;
const bearer = (key: string): string => `Authorization: Bearer ${key}`;
const JSON_TYPE = 'Content-Type: application/json';

/** Orchestrators ask these under any name. */
const ANY_HOST = new Set(['/healthz', '/readyz']);

/** Something that is not as it must be, in words. */
export type Failure = string;

/** An attack on one route: what went wrong. */
export type Attack = (target: Target, route: Route) => Promise<readonly Failure[]>;

/** Asks once, and tells what is wrong with the answer. */
async function ask(
	{ port }: Target,
	route: Route,
	request: Partial<RawRequest>,
	isRight: (answer: RawAnswer) => boolean = ({ status }) => status > 0,
): Promise<readonly Failure[]> {
	const answer = await exchange(port, { method: route.method, path: route.path, ...request });
	return problemsOf(`${route.method} ${route.pattern}`, answer, isRight);
}

export function problemsOf(
	what: string,
	answer: RawAnswer,
	isRight: (answer: RawAnswer) => boolean,
): readonly Failure[] {
	const { status, type, body } = answer;
	if (status >= 500) return [`${what}: answered ${status} ${body.slice(0, 200)}`];
	if (status >= 400 && !type.includes('application/problem+json')) {
		return [`${what}: answered ${status} as ${type}`];
	}
	if (status >= 400 && !body.includes('"detail":"')) return [`${what}: ${status} says nothing`];
	return isRight(answer) ? [] : [`${what}: answered ${status} ${body.slice(0, 200)}`];
}

const body = (route: Route): Partial<RawRequest> =>
	hasBody(route) ? { body: Buffer.from('{}') } : {};

const refused = ({ status }: RawAnswer): boolean => status >= 400;

/** Attacks that one request makes. */
export const SINGLE: Readonly<Record<string, Attack>> = {
	'a wrong key': (target, route) =>
		ask(target, route, { headers: [bearer('sp_wrong_key_0123456789'), JSON_TYPE], ...body(route) }),
	'no key': (target, route) => ask(target, route, { headers: [JSON_TYPE], ...body(route) }),
	'a foreign host': (target, route) =>
		ask(
			target,
			route,
			{ host: 'evil.example', headers: [bearer(KEY), JSON_TYPE], ...body(route) },
			({ status }) => (ANY_HOST.has(route.path) ? status === 200 : status === 421),
		),
	'unknown fields': (target, route) =>
		hasBody(route)
			? ask(target, route, {
					headers: [bearer(KEY), JSON_TYPE],
					body: Buffer.from('{"nobody_knows_this":1}'),
				})
			: Promise.resolve([]),
	'another content type': (target, route) =>
		ask(target, route, {
			headers: [bearer(KEY), 'Content-Type: text/\x7f; x="'],
			...body(route),
		}),
	...Object.fromEntries(
		[
			['Authorization', bearer(KEY)],
			['Host', 'Host: other'],
			['Content-Type', JSON_TYPE],
			['Idempotency-Key', 'Idempotency-Key: a'],
			['Content-Encoding', 'Content-Encoding: identity'],
		].map(([name, line = '']) => [
			`two of ${name}`,
			(target: Target, route: Route) =>
				ask(
					target,
					route,
					{
						headers: [bearer(KEY), JSON_TYPE, line, ...(name === 'Host' ? [] : [line])],
						...body(route),
					},
					refused,
				),
		]),
	),
	'a thousand headers': (target, route) =>
		ask(target, route, {
			headers: [bearer(KEY), ...Array.from({ length: 1_000 }, (_, i) => `X-${i}: 1`)],
			...body(route),
		}),
	'a query of 14 KiB': (target, route) =>
		ask(target, route, {
			path: `${route.path}?${'a=1&'.repeat(3_500)}`,
			headers: [bearer(KEY), JSON_TYPE],
			...body(route),
		}),
	'a query of escapes and names of prototypes': (target, route) =>
		ask(target, route, {
			path: `${route.path}?__proto__=1&constructor[prototype]=2&%ff=%00&after=%E0%A4%A&limit=${'9'.repeat(5_000)}`,
			headers: [bearer(KEY), JSON_TYPE],
			...body(route),
		}),
	'a length that is a lie': async ({ port }, route) => {
		if (!hasBody(route)) return [];
		const what = `${route.method} ${route.pattern}`;
		const headers = [bearer(KEY), JSON_TYPE];
		const socket = hold(
			port,
			bytesOf({ ...route, headers, body: Buffer.from('{'), length: 99 * MB }),
		);
		let answer = '';
		socket.on('data', (piece: Buffer) => (answer += piece.toString()));
		socket.resume();
		await waitUntil(`${what} refuses a body of 99 MiB`, () => answer.includes('\r\n\r\n'));
		socket.destroy();
		return / (401|404|413|422|429) /.test(answer) ? [] : [`${what}: ${answer.slice(0, 100)}`];
	},
};

/** Counts the processor time of one request, the best of five. */
export async function costOf(
	target: Target,
	request: RawRequest,
): Promise<{ ms: number; answer: RawAnswer }> {
	let best = Infinity;
	let answer: RawAnswer = { status: 0, type: '', body: '' };
	for (let i = 0; i < TRIES && best > MOST_CPU_MS; i++) {
		const before = await target.idle();
		const isInSlices = IN_SLICES.has(request.path);
		if (isInSlices) await target.usage(true);
		answer = await exchange(target.port, request);
		const after = isInSlices ? await target.usage(false) : await target.idle();
		best = Math.min(best, isInSlices ? after.longestTurnMs : after.cpuMs - before.cpuMs);
	}
	return { ms: best, answer };
}

/** Every body, at a route that takes one. Without a key it costs next to nothing, with one no more than it may. */
export async function nastyBodies(
	target: Target,
	route: Route,
	names: readonly string[] = Object.keys(BODIES),
): Promise<readonly Failure[]> {
	const failures: Failure[] = [];
	for (const name of names) {
		const made = BODIES[name]?.() ?? '';
		const bytes = typeof made === 'string' ? Buffer.from(made) : made;
		const { method, path, pattern } = route;
		const request = { method, path, headers: [bearer(KEY), JSON_TYPE], body: bytes };
		const { ms, answer } = await costOf(target, request);
		const what = `${method} ${pattern} with ${name}`;
		failures.push(...problemsOf(what, answer, ({ status }) => status > 0));
		if (ms > MOST_CPU_MS) failures.push(`${what}: ${ms.toFixed(0)} ms (${answer.status})`);
	}
	return failures;
}

/** Attacks from many connections: the resources that they hold must be bounded, and be given back. */
export interface Holding {
	/** Open files and sockets while it lasts, beyond those before. */
	readonly files: number;
	readonly bytes: number;
}

/** Holds connections while `during` looks, and waits until what they held is free. */
export async function holding(
	target: Target,
	open: () => readonly Socket[],
	during: () => Promise<void> = async () => undefined,
): Promise<Holding> {
	const before = await target.idle();
	const sockets = open();
	const held = await target.idle();
	await during();
	for (const socket of sockets) socket.destroy();
	await waitUntil('its sockets are given back', async () => {
		return (await target.usage()).openFiles <= before.openFiles + 1;
	});
	return {
		files: held.openFiles - before.openFiles,
		bytes: held.residentBytes - before.residentBytes,
	};
}

/** Makes the first page of the feed as large as a page gets, with metadata of nearly 1 MiB in every event. */
export async function fillFeed({ port }: Target): Promise<void> {
	const metadata = Object.fromEntries(
		Array.from({ length: 1_800 }, (_, i) => [`key ${i}`, 'x'.repeat(500)]),
	);
	const send = { message: 'x', channels: ['console'], metadata };
	const request = {
		...{ method: 'POST', path: '/send', headers: [bearer(KEY), JSON_TYPE] },
		body: Buffer.from(JSON.stringify(send)),
	};
	for (let i = 0; i < 10; i++) await exchange(port, request);
}

/** Requests one after the other, whose answers nobody reads. */
export const unread = (
	target: Target,
	{ method, path }: Route,
	connections: number,
	each: number,
) => {
	const one = bytesOf({
		method,
		path,
		headers: [bearer(KEY)],
		keepAlive: true,
		...(hasBody({ method, path, pattern: path }) ? { length: 0 } : {}),
	});
	const bytes = Buffer.concat(new Array<Buffer>(each).fill(one));
	return () => Array.from({ length: connections }, () => hold(target.port, bytes));
};

/** Requests whose bodies never end. */
export const unfinished =
	(target: Target, { method, path }: Route, connections: number) =>
	() =>
		Array.from({ length: connections }, () =>
			hold(
				target.port,
				bytesOf({
					method,
					path,
					headers: [bearer(KEY), JSON_TYPE],
					body: Buffer.from('{'),
					length: 1000,
				}),
			),
		);

/** Others are served as ever: a send with another key, and the probes. */
export async function servesOthers({ port }: Target): Promise<readonly Failure[]> {
	const headers = [bearer(OTHER_KEY), JSON_TYPE];
	const send = Buffer.from('{"message":"x","channels":["console"]}');
	const answers = [
		await exchange(port, { method: 'POST', path: '/send', headers, body: send }),
		await exchange(port, { method: 'GET', path: '/healthz' }),
	];
	return answers.map(({ status }) => status).join() === '202,200'
		? []
		: [`others are answered ${answers.map(({ status, body }) => `${status} ${body}`).join('; ')}`];
}

export const routesAt = (target: Target): readonly Route[] => routesOf(target.routes);
