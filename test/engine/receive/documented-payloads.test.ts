import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { receiveScene } from '../../support/webhooks/conformance.ts';
import { type Scene, SCENES } from '../../support/webhooks/index.ts';

const FOLDER = join(__dirname, '../../fixtures/webhooks');

interface Fixture {
	/** Where the provider documents this payload. */
	readonly source: string;
	/** The title of the scene that signs it, where the provider has several forms. */
	readonly form?: string;
	/** JSON, or the text of a form. */
	readonly body: unknown;
	/** Facts that the event, or each of the events, must have at least. */
	readonly expect: unknown;
}

const providers = readdirSync(FOLDER);

describe.each(providers)('%s: each documented payload', (provider) => {
	const files = readdirSync(join(FOLDER, provider)).filter((name) => name.endsWith('.json'));

	it.each(files)('%s', async (file) => {
		const text = readFileSync(join(FOLDER, provider, file), 'utf8');
		const fixture = JSON.parse(text) as Fixture; // committed beside this test
		expect(fixture.source).toMatch(/^https:\/\//);
		const scene = sceneOf(provider, fixture.form);
		const body = typeof fixture.body === 'string' ? fixture.body : JSON.stringify(fixture.body);
		const received = await receiveScene(scene, await scene.sign({ body }));
		expect(received).toMatchObject({ ok: true });
		const events = received.ok ? received.events : [];
		const expected = Array.isArray(fixture.expect) ? fixture.expect : [fixture.expect];
		expect(events).toHaveLength(expected.length);
		expect(events).toMatchObject(expected);
	});
});

it('has fixtures for every provider with documented payloads of its own', () => {
	const without = [...new Set(SCENES.map(({ provider }) => provider))].filter(
		(provider) => !existsSync(join(FOLDER, provider)),
	);
	// These carry whatever their sender puts in.
	expect(
		without.filter((id) => !['sureping', 'generic', 'standard-webhooks', 'svix'].includes(id)),
	).toEqual([]);
});

function sceneOf(provider: string, form: string | undefined): Scene {
	const scene = SCENES.find(
		(one) => one.provider === provider && (form === undefined || one.title === form),
	);
	if (!scene) throw new Error(`There is no scene of ${provider} ${form ?? ''}`);
	return scene;
}
