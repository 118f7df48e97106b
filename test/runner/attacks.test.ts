import {
	CONFIG,
	holding,
	nastyBodies,
	routesAt,
	servesOthers,
	SINGLE,
	unfinished,
	unread,
} from '../attack/attacks.ts';
import { forgedReports } from '../attack/forgeries.ts';
import { startTarget, type Target } from '../attack/target.ts';
import { SCENES } from '../support/webhooks/index.ts';

// The short form of `npm run test:attack`: every kind of attack, at some routes and with some bodies.

const BODIES = [
	'nothing but [',
	'half a million numbers',
	'an escape and half a million numbers',
	'many keys',
	'letters as escapes',
	'channels that are numbers',
	'a recipient of many members',
	'metadata of 1,900 members',
	'a batch of one send with channels that are numbers',
	'a batch of 1,000 bad sends',
];

describe('the HTTP API under attack', () => {
	let target: Target;
	beforeAll(async () => {
		target = await startTarget(CONFIG);
	});
	afterEach(async () => {
		expect(await servesOthers(target)).toEqual([]);
		expect(target.faults()).toEqual([]);
	});
	afterAll(() => target.stop());

	const at = (...patterns: readonly string[]) =>
		routesAt(target).filter(({ method, pattern }) => patterns.includes(`${method} ${pattern}`));

	it.each(Object.entries(SINGLE))('answers %s at every route', async (_name, attack) => {
		const failures = [];
		for (const route of routesAt(target)) failures.push(...(await attack(target, route)));
		expect(failures).toEqual([]);
	});

	it('uses no more than 50 ms of the processor for a body of up to 1 MiB', async () => {
		const failures = [];
		for (const route of at('POST /send', 'POST /send/batch')) {
			failures.push(...(await nastyBodies(target, route, BODIES)));
		}
		expect(failures).toEqual([]);
	});

	it('uses no more for a report that is not proved, compressed or not', async () => {
		const scenes = SCENES.filter(({ provider }) =>
			['mailgun', 'twilio', 'vonage'].includes(provider),
		);
		expect(await forgedReports(target, scenes, ['an escape and half a million numbers'])).toEqual(
			[],
		);
	});

	it('holds little for who does not read, and gives back what was half sent', async () => {
		const failures: string[] = [];
		for (const route of at('GET /openapi.json', 'GET /docs/static/swagger-ui-bundle.js')) {
			const { files } = await holding(target, unread(target, route, 4, 400));
			if (files > 10) failures.push(`${route.pattern}: ${files} files`);
		}
		for (const route of at('POST /send')) {
			await holding(target, unfinished(target, route, 40), async () => {
				failures.push(...(await servesOthers(target)));
			});
		}
		expect(failures).toEqual([]);
	});
});
