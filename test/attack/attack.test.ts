import { SCENES } from '../support/webhooks/index.ts';
import {
	CONFIG,
	holding,
	nastyBodies,
	routesAt,
	servesOthers,
	SINGLE,
	unfinished,
	unread,
} from './attacks.ts';
import { forgedReports } from './forgeries.ts';
import { hasBody } from './routes.ts';
import { startTarget, type Target } from './target.ts';

const MB = 1024 * 1024;
const MINUTES = 60_000;

describe('every route of the runner', () => {
	let target: Target;
	beforeAll(async () => {
		target = await startTarget(CONFIG);
	});
	afterEach(async () => {
		expect(await servesOthers(target)).toEqual([]);
		expect(target.faults()).toEqual([]);
	});
	afterAll(() => target.stop());

	it.each(Object.entries(SINGLE))(
		'answers %s with a problem document or as ever',
		async (_name, attack) => {
			const failures = [];
			for (const route of routesAt(target)) failures.push(...(await attack(target, route)));
			expect(failures).toEqual([]);
		},
		MINUTES,
	);

	it(
		'uses no more than 50 ms of the processor for any body of up to 1 MiB',
		async () => {
			const failures = [];
			for (const route of routesAt(target).filter(hasBody)) {
				failures.push(...(await nastyBodies(target, route)));
			}
			expect(failures).toEqual([]);
		},
		10 * MINUTES,
	);

	it(
		'uses no more than 50 ms of the processor for a report that is not proved, compressed or not',
		async () => {
			expect(await forgedReports(target, SCENES)).toEqual([]);
		},
		5 * MINUTES,
	);

	it(
		'holds few files and little memory for who pipelines and does not read',
		async () => {
			const failures: string[] = [];
			for (const route of routesAt(target)) {
				const { files, bytes } = await holding(target, unread(target, route, 4, 400), async () => {
					failures.push(...(await servesOthers(target)));
				});
				const what = `${route.method} ${route.pattern}`;
				if (files > 10) failures.push(`${what}: ${files} files`);
				// The feed's pages hold whole metadata, and V8 keeps for a while what they took: 220 to 260 MB.
				if (bytes > 400 * MB) failures.push(`${what}: ${Math.round(bytes / MB)} MB`);
			}
			expect(failures).toEqual([]);
		},
		5 * MINUTES,
	);

	it(
		'gives back what half-sent bodies hold, and takes others’ sends meanwhile',
		async () => {
			const failures: string[] = [];
			for (const route of routesAt(target).filter(hasBody)) {
				const { files } = await holding(target, unfinished(target, route, 40), async () => {
					failures.push(...(await servesOthers(target)));
				});
				if (files > 45) failures.push(`${route.method} ${route.pattern}: ${files} files`);
			}
			expect(failures).toEqual([]);
		},
		5 * MINUTES,
	);
});
