import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyBeside, keyForOwnRunner } from '../../runner/cli/folder-key.ts';
import { sureping } from '../support/cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

// Processes one after the other: on a busy machine several seconds each.
jest.setTimeout(120_000);

const KEY = 'sp_live_0123456789abcdef';

/** The path of a config beside a `.env` with the key. */
function configWith(...settings: readonly string[]): string {
	const file = join(temporaryDirectory('folder-key'), 'sureping.yaml');
	const text = ['api_keys: [{ name: n8n, key: "${SUREPING_KEY}" }]', ...settings];
	writeFileSync(file, `${text.join('\n')}\n`);
	writeFileSync(join(file, '..', '.env'), `SUREPING_KEY=${KEY}\nHOST=sureping.example.com\n`);
	return file;
}

describe('the key of a folder', () => {
	const PUBLIC = 'public_url: "https://${HOST}/sureping"';

	it.each([
		['http://127.0.0.1:8477', []],
		['http://localhost:1', []],
		['http://[::1]:8477/', []],
		['https://sureping.example.com', [PUBLIC]],
		['https://sureping.example.com:443/other', [PUBLIC]],
		['http://127.0.0.1:8477', ['public_url: wrong']],
	])('is for the runner of its config at %s', (url, settings) => {
		expect(keyForOwnRunner(url, configWith(...settings))).toBe(KEY);
	});

	it.each([
		['http://other-host:8477', []],
		['http://127.0.0.1.example.com', []],
		['http://10.0.0.1:8477', []],
		['not a URL', []],
		['https://sureping.example.com', []],
		['http://sureping.example.com', [PUBLIC]],
		['https://sureping.example.com:8443', [PUBLIC]],
		['https://sureping.example.com.evil.example', [PUBLIC]],
		['https://sureping.example.com@evil.example', [PUBLIC]],
		['https://sureping.example.com', [PUBLIC, 'public_url: twice']],
		['https://sureping.example.com', ['public_url: "${UNSET_OF_TEST}"']],
	])('is not for %s', (url, settings) => {
		const config = configWith(...settings);
		expect(keyBeside(config)).toBe(KEY);
		expect(keyForOwnRunner(url, config)).toBeUndefined();
	});

	it.each([{ args: ['--url', 'http://other.example:8477'] }, { url: 'http://other.example:8477' }])(
		'is not sent to another host by a command: %j',
		async ({ args = [], url }) => {
			const dir = join(configWith(), '..');
			const env = url === undefined ? undefined : { SUREPING_URL: url };
			const tail = await sureping(['events', 'tail', '--no-follow', ...args], env, dir);
			expect(tail).toEqual({
				code: 1,
				out: '',
				err: expect.stringMatching(/^An API key is required: set SUREPING_KEY, or use --key\n/),
			});
			const doctor = await sureping(['doctor', '--json', ...args], env, dir);
			expect(JSON.parse(doctor.out).findings).toContainEqual({
				what: 'key',
				ok: true,
				found: expect.stringContaining('none is given'),
			});
		},
	);
});
