import { createGuardedNames, type NameSources } from '../../runner/transport/guarded-names.ts';
import { UrlGuard } from '../../runner/transport/url-guard.ts';

const never = (): Promise<never> => new Promise(() => undefined);
const unknown = async (): Promise<never> => {
	throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
};

describe('names that callers chose', () => {
	let now: number;
	let asked: string[];
	beforeEach(() => {
		now = 1_000_000;
		asked = [];
		jest.useFakeTimers();
	});
	afterEach(() => jest.useRealTimers());

	const names = (ask: NameSources['ask'], hosts = '') =>
		createGuardedNames({
			ask: (host, family) => {
				asked.push(`${host}/${family}`);
				return ask(host, family);
			},
			hostsFile: async () => hosts,
			clock: { now: () => now },
		});
	const codeOf = (result: Promise<unknown>): Promise<unknown> =>
		result.then(
			() => 'found',
			(error: { code?: string }) => error.code,
		);

	it('have the addresses of both families', async () => {
		const resolve = names(async (_host, family) =>
			family === 4 ? ['192.0.2.1'] : ['2001:db8::1'],
		);
		expect(await resolve('a.example')).toEqual([
			{ address: '192.0.2.1', family: 4 },
			{ address: '2001:db8::1', family: 6 },
		]);
		const onlyFour = names(async (host, family) =>
			family === 4 ? ['192.0.2.1'] : await unknown(),
		);
		expect(await onlyFour('a.example')).toHaveLength(1);
	});

	it('are looked up in the hosts file first, and localhost nowhere else', async () => {
		const resolve = names(
			unknown,
			'# 1.2.3.4 n8n\n10.0.0.5 n8n n8n.lan # the editor\n::1 localhost\nbad n8n\n',
		);
		expect(await resolve('n8n.lan')).toEqual([{ address: '10.0.0.5', family: 4 }]);
		expect(await resolve('localhost')).toEqual([{ address: '::1', family: 6 }]);
		expect(await resolve('api.localhost')).toEqual([
			{ address: '127.0.0.1', family: 4 },
			{ address: '::1', family: 6 },
		]);
		expect(asked).toEqual([]);
	});

	it('are given up when no server answers, and not asked for again at once', async () => {
		const resolve = names(never);
		const given = codeOf(resolve('slow.example'));
		await jest.advanceTimersByTimeAsync(4_000);
		expect(await given).toBe('ETIMEOUT');
		expect(await codeOf(resolve('slow.example'))).toBe('ETIMEOUT');
		expect(asked).toHaveLength(2);
		now += 10_000;
		void codeOf(resolve('slow.example'));
		await jest.advanceTimersByTimeAsync(0);
		expect(asked).toHaveLength(4);
	});

	it('are few at a time for each key, and a thousand dead ones leave room for every other key and for webhooks', async () => {
		const resolve = names((host) =>
			host.startsWith('dead') ? never() : Promise.resolve(['192.0.2.1']),
		);
		const dead = Array.from({ length: 1_000 }, (_, i) =>
			codeOf(resolve(`dead${i}.example`, 'greedy')),
		);
		await jest.advanceTimersByTimeAsync(0);
		expect(asked).toHaveLength(2 * 8);
		expect(await codeOf(resolve('good.example', 'other'))).toBe('found');
		expect(await codeOf(resolve('good.example'))).toBe('found');
		await jest.advanceTimersByTimeAsync(4_000);
		const codes = await Promise.all(dead);
		expect(codes.filter((code) => code === 'ETIMEOUT')).toHaveLength(8);
		expect(codes.filter((code) => code === 'EAI_AGAIN')).toHaveLength(992);
		expect(await codeOf(resolve('good2.example', 'greedy'))).toBe('found');
	});

	it('that are the same are asked for once', async () => {
		const resolve = names(async (_host, family) =>
			family === 4 ? ['192.0.2.1'] : await unknown(),
		);
		await Promise.all(Array.from({ length: 50 }, () => resolve('same.example', 'key')));
		expect(asked).toHaveLength(2);
	});

	it('are checked when they are called if there was no time to look them up', async () => {
		const guard = new UrlGuard(
			{ allow_http: false, allow_hosts: [], allow_networks: [] },
			names(never),
		);
		const refusals = Promise.all(
			Array.from({ length: 100 }, (_, i) => guard.refuse(`https://dead${i}.example/`, 'key')),
		);
		await jest.advanceTimersByTimeAsync(5_000);
		expect(new Set(await refusals)).toEqual(new Set([undefined]));
	});

	it('that the operator allows are resolved as the system does', async () => {
		const allowed: string[] = [];
		const guard = new UrlGuard(
			{ allow_http: false, allow_hosts: ['n8n'], allow_networks: [] },
			names(never),
			async (host) => {
				allowed.push(host);
				return [{ address: '10.0.0.5', family: 4 }];
			},
		);
		const found = await new Promise((resolve) =>
			guard.lookupFor('http:')('n8n', { all: true }, (_error, addresses) => resolve(addresses)),
		);
		expect(found).toEqual([{ address: '10.0.0.5', family: 4 }]);
		expect(allowed).toEqual(['n8n']);
	});
});
