import { inNode } from '../support/es-module.ts';
import { startRunner } from '../support/runner-process.ts';

/** Redocly's recommended rules, with nothing ignored. Each problem as `severity rule: message at pointer`. */
const LINT = `
	const { createConfig, lintFromString } = await import('@redocly/openapi-core');
	const config = await createConfig({ extends: ['recommended'] });
	const problems = await lintFromString({ source: JSON.stringify(input), config });
	output = problems.map(({ severity, ruleId, message, location }) =>
		severity + ' ' + ruleId + ': ' + message + ' at ' + location[0]?.pointer);`;

describe("Redocly's recommended rules", () => {
	let description: unknown;
	beforeAll(async () => {
		const runner = await startRunner();
		description = (await runner.get('/openapi.json')).body;
		await runner.dispose();
	});

	it('find no error and no warning in the API description', () => {
		expect(inNode(LINT, description)).toEqual([]);
	});

	it('find what an API description lacks', () => {
		const { servers: _servers, ...lacking } = description as Readonly<Record<string, unknown>>;
		expect(inNode(LINT, lacking)).toEqual([expect.stringContaining('no-empty-servers')]);
	});
});
