import { readFileSync, writeFileSync } from 'node:fs';
import { demoConfig } from '../../runner/config/demo.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

describe('the key that a runner without a config shows', () => {
	it('is the same at every start', () => {
		const directory = temporaryDirectory('demo');
		const { key } = demoConfig(directory, {});
		expect(key).toMatch(/^sp_demo_.{32}$/);
		expect(demoConfig(directory, {}).key).toBe(key);
	});

	it('is none if the environment has another one', () => {
		const environment = { SUREPING_API_KEYS__0__KEY: 'of_the_environment' };
		expect(demoConfig(temporaryDirectory('demo'), environment).key).toBeUndefined();
	});

	it('is none if the file names a variable', () => {
		const directory = temporaryDirectory('demo');
		const { file, key = '' } = demoConfig(directory, {});
		writeFileSync(file, readFileSync(file, 'utf8').replace(key, '${KEY}'));
		const environment = { KEY: 'of_the_environment' };
		expect(demoConfig(directory, environment).key).toBeUndefined();
	});
});
