import { SCENES } from '../support/webhooks/index.ts';
import {
	CONFIG,
	fillFeed,
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
/**
 * Memory that answers may hold which nobody reads: of most routes up to 35 MB, which V8 takes to make the first ones; of
 * pages of megabytes up to 105 MB, which is `LIMITS.unreadPages` and what V8 has not freed yet.
 */
const MOST_HELD = 55 * MB;
const MOST_IN_PAGES = 155 * MB;
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
				if (bytes > MOST_HELD) failures.push(`${what}: ${Math.round(bytes / MB)} MB`);
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

describe('the feed', () => {
	let target: Target;
	// A process of its own: one that was attacked before holds memory that it would use here.
	beforeEach(async () => {
		target = await startTarget(CONFIG);
		await fillFeed(target);
	});
	afterEach(() => target.stop());

	it.each([1, 90])(
		'holds few of the pages of megabytes that 20 clients ask for, %i each, and do not read',
		async (each) => {
			const failures: string[] = [];
			for (const route of routesAt(target).filter(({ pattern }) => pattern === '/events')) {
				const { bytes } = await holding(target, unread(target, route, 20, each), async () => {
					failures.push(...(await servesOthers(target)));
				});
				if (bytes > MOST_IN_PAGES) failures.push(`${each} each: ${Math.round(bytes / MB)} MB`);
			}
			expect(failures).toEqual([]);
		},
		MINUTES,
	);
});
