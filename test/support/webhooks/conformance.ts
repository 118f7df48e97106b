import { gzipSync } from 'node:zlib';
import {
	type RawRequest,
	receiveAsking,
	type Received,
	type ReceiveOptions,
} from '@sureping/engine';
import fc from 'fast-check';
import { type Scene, type SceneRequest, SIGNED_AT } from './scene.ts';

/** Random changes of a genuine request per provider; ten thousand take all of them a minute. */
const MUTATIONS = Number(process.env.SUREPING_MUTATIONS ?? 2_000);

/** Receives as a host does that remembers no tokens and has the provider's certificate at hand. */
export async function receiveScene(
	scene: Scene,
	request: RawRequest,
	{ secrets = [scene.secret], ...options }: Partial<ReceiveOptions> & { secrets?: string[] } = {},
): Promise<Received> {
	return await receiveAsking(
		scene.provider,
		request,
		secrets,
		{ now: SIGNED_AT * 1000, ...scene.options, ...options },
		{
			certificate: async () => scene.certificate,
			tokenUse: () => 'first',
		},
	);
}

/** Tests that every provider's verification must pass, whatever its scheme. */
export function describeConformance(scene: Scene): void {
	const refused = async (
		change: (request: SceneRequest) => RawRequest,
		options: Parameters<typeof receiveScene>[2] = {},
	): Promise<string> => {
		const received = await receiveScene(scene, change(await scene.sign()), options);
		return received.ok ? 'accepted' : received.reason;
	};
	const withHeader =
		(name: string, value: string | readonly string[] | undefined) =>
		(request: SceneRequest): RawRequest => ({
			...request,
			headers: { ...request.headers, [name]: value },
		});
	const header = scene.signatureHeader;

	describe(`${scene.title}: what is genuine`, () => {
		it('is accepted, with at least one event', async () => {
			const received = await receiveScene(scene, await scene.sign());
			expect(received).toMatchObject({ ok: true });
			expect(received.ok && received.events.length).toBeGreaterThan(0);
		});

		it('gives the same event ids when it is sent again', async () => {
			const ids = async (): Promise<readonly string[]> => {
				const received = await receiveScene(scene, await scene.sign({ at: SIGNED_AT }));
				return received.ok ? received.events.map(({ eventId }) => eventId) : [];
			};
			const first = await ids();
			expect(new Set(first).size).toBe(first.length);
			expect(await ids()).toEqual(first);
		});

		it('is accepted with the old and with the new secret during a rotation', async () => {
			for (const secrets of [
				[scene.secret, scene.otherSecret],
				[scene.otherSecret, scene.secret],
			]) {
				expect(await receiveScene(scene, await scene.sign(), { secrets })).toMatchObject({
					ok: true,
				});
			}
		});

		if (scene.covers.timestamp) {
			it('is accepted at an age of exactly 300 s, either way', async () => {
				for (const now of [SIGNED_AT - 300, SIGNED_AT + 300]) {
					const received = await receiveScene(scene, await scene.sign(), { now: now * 1000 });
					expect(received).toMatchObject({ ok: true });
				}
			});
		}
	});

	describe(`${scene.title}: what is not`, () => {
		it('is refused with another secret, an empty one, and none', async () => {
			const same = (request: SceneRequest): RawRequest => request;
			for (const secrets of [[scene.otherSecret], [''], []]) {
				expect(await refused(same, { secrets })).not.toBe('accepted');
			}
		});

		if (scene.covers.body) {
			it('is refused with a changed body', async () => {
				const changed = (request: SceneRequest): RawRequest => ({
					...request,
					body: Buffer.from(
						request.body.toString().replace(/[a-z]/, (letter) => letter.toUpperCase()),
					),
				});
				expect(await refused(changed)).toBe('bad_signature');
				const longer = (request: SceneRequest): RawRequest => ({
					...request,
					body: Buffer.concat([request.body, Buffer.from('x')]),
				});
				expect(await refused(longer)).not.toBe('accepted');
			});
		}

		const others = (body: Buffer): readonly (readonly [string, Buffer])[] => [
			['an empty body', Buffer.alloc(0)],
			['a body that is not UTF-8', Buffer.from([0xff, 0xfe, 0x7b, 0x7d, 0xc3])],
			['a body that is still compressed', gzipSync(body)],
		];
		it('is refused with another body, unless its proof says nothing about bodies', async () => {
			const { body } = await scene.sign();
			for (const [what, other] of others(body)) {
				const verdict = await refused((request) => ({ ...request, body: other }));
				const isFree = !scene.covers.body && scene.provider !== 'mailgun';
				expect([what, verdict === 'accepted']).toEqual([what, isFree]);
			}
		});

		if (header !== undefined) {
			it('is refused without its signature, with half of it, and with two', async () => {
				expect(await refused(withHeader(header, undefined))).toBe('missing_header');
				const { headers } = await scene.sign();
				const signature = headers[header] ?? '';
				expect(await refused(withHeader(header, ''))).not.toBe('accepted');
				expect(
					await refused(withHeader(header, signature.slice(0, signature.length / 2))),
				).not.toBe('accepted');
				expect(await refused(withHeader(header, [signature, signature]))).not.toBe('accepted');
			});
		}

		if (scene.covers.timestamp) {
			it('is refused one second too late and too early', async () => {
				const at = (seconds: number) => ({ now: (SIGNED_AT + seconds) * 1000 });
				const same = (request: SceneRequest): RawRequest => request;
				expect(await refused(same, at(301))).toBe('stale');
				expect(await refused(same, at(-301))).toBe('future');
			});
		}

		if (scene.covers.url) {
			it('is refused at another URL', async () => {
				const elsewhere = (request: SceneRequest): RawRequest => ({
					...request,
					url: 'https://elsewhere.example.com/other',
				});
				expect(await refused(elsewhere)).not.toBe('accepted');
			});
		}

		it(`never throws and is never accepted, over ${MUTATIONS} random changes`, async () => {
			const original = await scene.sign();
			const genuine = await receiveScene(scene, original);
			const meaning = JSON.stringify(genuine.ok && genuine.events);
			await fc.assert(
				fc.asyncProperty(mutations(scene, original), async (request) => {
					const received = await receiveScene(scene, request);
					// A change that the provider's form allows (white space around a header, say) means the same.
					return !received.ok || JSON.stringify(received.events) === meaning;
				}),
				{ numRuns: MUTATIONS },
			);
		}, 120_000);
	});
}

/** One thing changed: a piece of the body, of a header, of the URL, or a header more or less. */
function mutations(scene: Scene, original: SceneRequest): fc.Arbitrary<RawRequest> {
	const names = Object.keys(original.headers).filter(
		(name) => !scene.unsignedHeaders?.includes(name),
	);
	const inBody = fc
		.record({
			at: fc.nat(original.body.length),
			cut: fc.nat(3),
			insert: fc.oneof(
				fc.uint8Array({ maxLength: 4 }),
				fc.constantFrom('"', '{', ',', '0', '\\u0065', '&').map((text) => Buffer.from(text)),
			),
		})
		.filter(
			({ at, cut, insert }) => !Buffer.from(insert).equals(original.body.subarray(at, at + cut)),
		)
		.map(({ at, cut, insert }) => ({
			...original,
			body: Buffer.concat([
				original.body.subarray(0, at),
				insert,
				original.body.subarray(at + cut),
			]),
		}));
	const bodies = fc
		.oneof(
			fc.uint8Array({ maxLength: 300 }),
			fc.json().map((text) => Buffer.from(text)),
		)
		.map((body) => ({ ...original, body }));
	const inHeader = fc
		.record({
			name: fc.constantFrom(...names),
			at: fc.nat(120),
			cut: fc.integer({ min: 0, max: 3 }),
			insert: fc.string({ maxLength: 3 }),
		})
		.map(({ name, at, cut, insert }) => {
			const value = original.headers[name] ?? '';
			const changed = value.slice(0, at) + insert + value.slice(at + cut);
			return { ...original, headers: { ...original.headers, [name]: changed } };
		});
	const headers = fc
		.record({
			name: fc.constantFrom(...names),
			value: fc.oneof(
				fc.string({ unit: 'binary', maxLength: 100 }),
				fc.array(fc.string(), { maxLength: 3 }),
				fc.constant(undefined),
			),
		})
		.map(({ name, value }) => ({ ...original, headers: { ...original.headers, [name]: value } }));
	const changes: fc.Arbitrary<RawRequest>[] = [inHeader, headers];
	// Parts that no proof covers may change and stay genuine.
	if (scene.covers.body) changes.push(inBody, bodies);
	if (scene.covers.url) {
		changes.push(fc.webUrl().map((url) => ({ ...original, url })));
	}
	return fc.oneof(...changes);
}
