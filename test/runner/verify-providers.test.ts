import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { verifyHere } from '../support/verify-here.ts';
import { receiveScene } from '../support/webhooks/conformance.ts';
import { type Scene, type SceneRequest, SCENES, SIGNED_AT } from '../support/webhooks/index.ts';

const directory = temporaryDirectory('verify');
const at = ['--at', String(SIGNED_AT)];

function file(name: string, content: string): string {
	const path = join(directory, name);
	writeFileSync(path, content);
	return path;
}

/** A request as it goes over the wire. */
function wire({ method, url, headers, body }: SceneRequest): Buffer {
	const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
	return Buffer.concat([
		Buffer.from(`${method} ${url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`),
		body,
	]);
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (x) => `_${x.toLowerCase()}`);

function snakeNames(value: object): object {
	return Object.fromEntries(Object.entries(value).map(([name, one]) => [snake(name), one]));
}

function argumentsFor({ provider, secret, options, certificate }: Scene): readonly string[] {
	const { generic, verifyToken } = options ?? {};
	const rules = generic && { ...snakeNames(generic), fields: snakeNames(generic.fields) };
	return [
		...['--provider', provider, '--secret', secret],
		...(verifyToken === undefined ? [] : ['--verify-token', verifyToken]),
		...(rules === undefined ? [] : ['--rules', file('rules.json', JSON.stringify(rules))]),
		...(certificate === undefined ? [] : ['--certificate', file('amazon.pem', certificate)]),
	];
}

describe('sureping verify', () => {
	it.each(SCENES.map((scene) => [scene.title, scene] as const))(
		'reads a request of %s as the trigger does, and refuses it with another secret',
		async (_, scene) => {
			const request = await scene.sign();
			const received = await receiveScene(scene, request);
			const accepted = await verifyHere(wire(request), [...at, ...argumentsFor(scene)]);
			expect([accepted.status, accepted.stderr]).toEqual([0, '']);
			expect(JSON.parse(accepted.stdout)).toEqual(JSON.parse(JSON.stringify(received)));
			const wrong = { ...scene, secret: scene.otherSecret };
			const refused = await verifyHere(wire(request), [...at, ...argumentsFor(wrong)]);
			expect(refused.status).toBe(1);
			expect(JSON.parse(refused.stdout)).toMatchObject({
				ok: false,
				reason: expect.any(String),
				explanation: { rule: expect.any(String), documentation: expect.any(String) },
			});
			expect(refused.stdout).not.toContain(scene.otherSecret);
		},
	);

	it.each([
		['generic without its rules', ['--provider', 'generic', '--secret', 'x'], /--rules/],
		[
			'rules for another',
			['--provider', 'stripe', '--secret', 'x', '--rules', '/nowhere'],
			/--rules/,
		],
		[
			'rules that are not there',
			['--provider', 'generic', '--secret', 'x', '--rules', '/nowhere'],
			/there is no such file or folder/,
		],
		[
			'rules that say nothing',
			['--provider', 'generic', '--secret', 'x', '--rules', file('empty.yaml', 'fields: {}')],
			/signature_header: /,
		],
		[
			'a certificate that is not there',
			['--provider', 'ses', '--secret', 'x', '--certificate', '/nowhere'],
			/there is no such file or folder/,
		],
	])('exits with 2 for %s', async (_, args, message) => {
		const request = Buffer.from('POST / HTTP/1.1\r\n\r\n{}');
		const { status, stdout, stderr } = await verifyHere(request, args);
		expect([status, stdout]).toEqual([2, '']);
		expect(stderr).toMatch(message);
	});
});
