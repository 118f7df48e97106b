import fc from 'fast-check';
import { parseConfig } from '../../runner/config/load.ts';
import { readAddress } from '../../runner/cli/init/n8n-address.ts';
import { filesOf, routeOf } from '../../runner/cli/init/plan.ts';
import type { Placement } from '../../runner/cli/init/templates/index.ts';
import { hostOf } from '../../runner/transport/host-name.ts';
import { UrlGuard } from '../../runner/transport/url-guard.ts';

const SECRETS = { key: 'sp_live_0123456789abcdef', callbackSecret: 'whsec_0123456789abcdef' };
const VARIABLES = { SUREPING_KEY: SECRETS.key, CALLBACK_SECRET: SECRETS.callbackSecret };

const placement = fc.constantFrom<Placement>('terminal', 'docker', 'systemd');
const host = fc.oneof(
	fc.domain(),
	fc.ipV4(),
	fc.ipV6().map((address) => `[${address}]`),
	fc.constantFrom('n8n', 'localhost', 'null', 'TRUE', 'n_8-n', '0x7f.1', 'münchen', 'a.b.'),
);
const port = fc.option(fc.integer({ min: 1, max: 65_535 }));
const written = fc
	.tuple(fc.constantFrom('http', 'HTTPS'), host, port, fc.constantFrom('', '/', '/n8n', "/it's/"))
	.map(([scheme, name, number, path]) => {
		const after = number === null ? '' : `:${number}`;
		return `${scheme}://${name}${after}${path}`;
	});

describe('an address of n8n', () => {
	it('gives a config that can be used, by which the runner may call n8n', () => {
		fc.assert(
			fc.property(written, placement, (text, at) => {
				const address = readAddress(text, '');
				fc.pre(address.ok);
				if (!address.ok) return;
				const answers = { n8n: address.url, placement: at, publicUrl: address.url };
				const route = routeOf(answers);
				const files = filesOf(answers, route, SECRETS, '/etc/sureping');
				const config = files.find(({ name }) => name === 'sureping.yaml')?.text ?? '';
				const { security, publicUrl } = parseConfig(config, 'sureping.yaml', VARIABLES);
				expect(publicUrl).toBe(address.url.href.replace(/\/$/, ''));
				const called = new URL('/webhook/x', address.url);
				called.hostname = route.n8nHost.includes(':') ? `[${route.n8nHost}]` : route.n8nHost;
				called.protocol = 'http:';
				expect(new UrlGuard(security).refuseSpelling(called.href)).toBeUndefined();
			}),
			{ numRuns: 500 },
		);
	});

	it('is refused with a reason, or is an http URL without a user, whatever is typed', () => {
		const odd = fc.string({ minLength: 1 }).map((host) => `http://${host}`);
		const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.webUrl(), written, odd);
		fc.assert(
			fc.property(text, (typed) => {
				const address = readAddress(typed, 'http://n8n');
				if (!address.ok) return expect(address.reason).toMatch(/^must /);
				const { protocol, username, password, search, hash } = address.url;
				expect(protocol).toMatch(/^https?:$/);
				expect([username, password, search, hash]).toEqual(['', '', '', '']);
				expect(hostOf(address.url)).toMatch(/^[\w.:-]+$/);
			}),
			{ numRuns: 2_000 },
		);
	});
});
