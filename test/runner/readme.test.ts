import { readFileSync } from 'node:fs';
import { CHANNELS, ERROR_CODES, EVENT_TYPES } from '@sureping/engine';
import { parseConfig } from '../../runner/config/load.ts';

const readme = readFileSync('README.md', 'utf8');

/** The first column of the table under a heading, without its code marks. */
function firstColumn(header: RegExp): string[] {
	const [, rows = ''] = header.exec(readme) ?? [];
	return rows
		.trim()
		.split('\n')
		.map((row) => row.split('|')[1]?.trim().replaceAll('`', '') ?? '');
}

describe('the README', () => {
	it('shows a configuration that works as it stands', () => {
		const [, yaml = ''] = /```yaml\n(api_keys:.*?)```/s.exec(readme) ?? [];
		const names = [...yaml.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name);
		const environment = Object.fromEntries(
			names.map((name) => [
				name,
				/URL/.test(name) ? 'https://discord.com/api/webhooks/1/x' : `sp_value_of_${name}`,
			]),
		);
		const config = parseConfig(yaml, 'README.md', environment);
		expect(config.catalog.map(({ channel, name }) => `${channel}:${name}`)).toContain('email:mail');
		expect(config.endpoints).toHaveLength(1);
	});

	it('has a row for every channel, event and error code, and for nothing else', () => {
		const channels = firstColumn(
			/\| Channel \| A connection needs [^\n]*\n[^\n]*\n((?:\|[^\n]*\n)+)/,
		);
		expect(channels).toEqual(CHANNELS.map(({ id }) => id));
		const events = firstColumn(/\| Event \| When \|\n[^\n]*\n((?:\|[^\n]*\n)+)/);
		expect(events.sort()).toEqual(Object.keys(EVENT_TYPES).sort());
		const codes = firstColumn(/\| Code \| Meaning \|\n[^\n]*\n((?:\|[^\n]*\n)+)/);
		expect(codes).toEqual(Object.keys(ERROR_CODES));
	});
});
