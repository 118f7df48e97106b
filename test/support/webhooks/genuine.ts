import { isReceivedType, type Received } from '@sureping/engine';
import { receiveScene } from './conformance.ts';
import { type Scene, SIGNED_AT } from './scene.ts';

/** Bodies that no provider documents. */
const STRANGE: readonly string[] = [
	...['', ' ', 'hello', '{"type":', '{}', '[]', 'null', '7', 'true', '"text"', '[null,7]', '[{}]'],
	...[
		'{"events":[]}',
		'{"events":[null]}',
		'{"alerts":[]}',
		'[{"msys":{}}]',
		'a=1&b=2',
		'payload=7',
	],
	...['{"type":1,"type":2}', '{"__proto__":{"type":"x"}}', '\ufeff{}', '{"id":"a\\u0000b"}'],
	`{"type":"${'x'.repeat(100_000)}","id":"${'y'.repeat(100_000)}"}`,
	`${'['.repeat(200)}${']'.repeat(200)}`,
];

/** Values that replace a member; undefined removes it. */
const OTHERS: readonly unknown[] = [
	...[undefined, null, '', 7, -1.5, true, [], {}, 'x'.repeat(10_000), ['y'], { z: 1 }, 'a\u0000b'],
];

/** Every member of a payload, by its path, with another value. */
export function changedMembers(payload: unknown): readonly (readonly [string, unknown])[] {
	return pathsOf(payload).flatMap((path) =>
		OTHERS.map((value): readonly [string, unknown] => [
			`${path.join('.')} = ${JSON.stringify(value)?.slice(0, 20) ?? 'nothing'}`,
			changed(payload, path, value),
		]),
	);
}

function pathsOf(value: unknown, at: readonly string[] = []): readonly (readonly string[])[] {
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value).flatMap(([name, member]) => [
		[...at, name],
		...pathsOf(member, [...at, name]),
	]);
}

function changed(payload: unknown, [name = '', ...rest]: readonly string[], to: unknown): unknown {
	const copy: unknown = structuredClone(payload);
	const value: unknown = rest.length === 0 ? to : changed(Object(copy)[name], rest, to);
	if (Array.isArray(copy)) return copy.map((member, i) => (String(i) === name ? value : member));
	return { ...Object(copy), [name]: value };
}

function carries({ carries: what }: Scene, body: string): boolean {
	if (what === 'form') return body.split('&').every((pair) => pair === '' || pair.includes('='));
	if (what === 'json' || what === 'texts by name') {
		try {
			const value: unknown = JSON.parse(body);
			if (what === 'json') return true;
			const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
			return isObject && Object.values(value).every((member) => typeof member === 'string');
		} catch {
			return false;
		}
	}
	return true;
}

const TYPES = ['image/png', 'text/plain', 'application/x-www-form-urlencoded', 'APPLICATION/JSON'];

/** Lists far longer than any that a provider sends: of what cannot be read, alone and in the place of each member. */
function longLists(payload: unknown): readonly string[] {
	const lists = [1, {}, 'a@example.org'].map((one) => Array.from({ length: 20_000 }, () => one));
	const paths = pathsOf(payload).filter((path) => path.length <= 4);
	return lists.flatMap((list) => [
		JSON.stringify(list),
		...paths.map((path) => JSON.stringify(changed(payload, path, list))),
	]);
}

/** A proved request is accepted whatever it says, and loses nothing; an unproved one is refused. */
export function describeGenuine(scene: Scene): void {
	const receive = async (body: string | Buffer, secret = scene.secret): Promise<Received> =>
		await receiveScene(scene, await scene.sign({ body, secret }));
	const expectTaken = async (what: string, body: string | Buffer): Promise<void> => {
		const received = await receive(body);
		expect([what, received.ok ? 'accepted' : received.reason]).toEqual([what, 'accepted']);
		const events = received.ok ? received.events : [];
		const isSetUp =
			received.ok && (received.answer !== undefined || received.confirm !== undefined);
		expect([what, events.length > 0 || isSetUp]).toEqual([what, true]);
		for (const event of events) {
			const { raw: _raw, metadata: _metadata, ...facts } = event;
			expect(isReceivedType(event.type)).toBe(true);
			expect([
				what,
				Object.entries(facts).filter(([, fact]) => fact === '' || fact === undefined),
			]).toEqual([what, []]);
			expect(event.eventId).not.toContain('\0');
			expect(() => JSON.stringify(event)).not.toThrow();
		}
		expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(events.length);
		const again = await receive(body);
		expect([what, again]).toEqual([what, received]);
	};

	describe(`${scene.title}: genuine`, () => {
		it('is accepted whatever it says', async () => {
			for (const body of STRANGE.filter((one) => carries(scene, one))) {
				await expectTaken(body.slice(0, 40), body);
			}
			if (scene.carries === undefined) {
				await expectTaken('no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]));
			}
		});

		it('is refused with another secret, whatever it says', async () => {
			for (const body of STRANGE.filter((one) => carries(scene, one))) {
				expect((await receive(body, scene.otherSecret)).ok).toBe(false);
			}
		});

		it('is accepted without any of its members, and with each of another form', async () => {
			const isForm = !/^[[{]/.test(scene.body);
			const payload: unknown = isForm
				? Object.fromEntries(new URLSearchParams(scene.body))
				: JSON.parse(scene.body);
			for (const [what, other] of changedMembers(payload)) {
				const body = JSON.stringify(other);
				if (!isForm) {
					if (carries(scene, body)) await expectTaken(what, body);
					continue;
				}
				const pairs = Object.entries(Object(other)).filter(
					(pair): pair is [string, string] => typeof pair[1] === 'string',
				);
				await expectTaken(what, new URLSearchParams(pairs).toString());
			}
		}, 60_000);

		it('does not become as many events as a list has entries that nobody can read', async () => {
			if (scene.carries === 'form' || !/^[[{]/.test(scene.body)) return;
			for (const body of longLists(JSON.parse(scene.body)).filter((one) => carries(scene, one))) {
				const received = await receive(body);
				const events = received.ok ? received.events : [];
				expect(events.length).toBeLessThanOrEqual(1_001);
			}
		}, 60_000);

		it('says the same under any content type, which nobody signs', async () => {
			const request = await scene.sign();
			const meaning = await receiveScene(scene, request);
			for (const type of [...TYPES, undefined]) {
				const headers = { ...request.headers, 'content-type': type };
				expect([type, await receiveScene(scene, { ...request, headers })]).toEqual([type, meaning]);
			}
		});

		it('has no part of its signature in the id of what cannot be read', async () => {
			const [body] = STRANGE.filter((one) => one.includes('alerts') && carries(scene, one));
			if (body === undefined) return;
			const idAt = async (at: number): Promise<unknown> => {
				const request = await scene.sign({ body, at });
				const received = await receiveScene(scene, request, { now: at * 1000 });
				return received.ok && received.events.map(({ eventId }) => eventId);
			};
			expect(await idAt(SIGNED_AT + 60)).toEqual(await idAt(SIGNED_AT));
		});
	});
}
