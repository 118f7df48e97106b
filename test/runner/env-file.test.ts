import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../runner/config/load.ts';
import { environmentOf } from '../../runner/config/env-file.ts';
import { sureping } from '../support/cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const KEY = 'sp_test_key_0123456789';

/** The path of a config beside a `.env` with this text. */
function configBeside(env: string | undefined, config = ''): string {
	const dir = temporaryDirectory('env-file');
	const file = join(dir, 'sureping.yaml');
	writeFileSync(file, config || "api_keys: [{ name: n8n, key: '${API_KEY}' }]\n");
	if (env !== undefined) writeFileSync(join(dir, '.env'), env);
	return file;
}

const variables = (env: string, own: Record<string, string> = {}) =>
	environmentOf(configBeside(env), own).environment;

describe('the .env beside a config', () => {
	it('has the variables that the config names, and settings to override', () => {
		const file = configBeside(`# ours\nAPI_KEY='${KEY}'\nexport SUREPING_LOG_LEVEL=debug\n`);
		expect(loadConfig(file, {})).toMatchObject({ apiKeys: [{ name: 'n8n' }], logLevel: 'debug' });
	});

	it('comes after the environment, also where that names a file', () => {
		expect(variables('A=1\nB=2\n', { A: 'own' })).toEqual({ A: 'own', B: '2' });
		expect(variables('A=1\n', { A: '' })).toEqual({ A: '' });
		expect(variables('A=1\n', { A_FILE: '/run/a' })).toEqual({ A_FILE: '/run/a' });
		expect(variables('A_FILE=/run/a\n', { A: 'own' })).toEqual({ A: 'own' });
	});

	it('need not be there', () => {
		expect(environmentOf(configBeside(undefined), { A: '1' })).toEqual({ environment: { A: '1' } });
	});

	it('is named as the reason when it cannot be read and a variable is not set', () => {
		const file = configBeside(undefined);
		mkdirSync(join(file, '..', '.env'));
		expect(loadConfig(file, { API_KEY: KEY }).apiKeys).toHaveLength(1);
		expect(() => loadConfig(file, {})).toThrow(
			/API_KEY is not set\n {2}.*\.env cannot be read: it is a folder/,
		);
	});
});

describe('the sureping.yaml of a folder', () => {
	it('is taken by serve, doctor and backup when they are given no other', async () => {
		const dir = join(configBeside(undefined, 'x: 1\nstore: y\n'), '..');
		const [served, examined, copied] = await Promise.all([
			sureping(['serve', '--port', '0'], {}, dir),
			sureping(['doctor'], {}, dir),
			sureping(['backup', '--to', 'copy.db'], {}, dir),
		]);
		expect([served.code, examined.code, copied.code]).toEqual([1, 1, 1]);
		for (const { out, err } of [served, examined]) {
			expect(out + err).toContain('x: is not a known');
		}
		// It needs nothing else of the config.
		expect(copied.err).toContain('store: must be');
		expect(copied.err).not.toContain('x:');
	});
});
