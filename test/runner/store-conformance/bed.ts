import { createIds } from '@sureping/engine';
import { type BedOptions, PostgresBed, SqliteBed, type StoreBed } from '../../support/store-bed.ts';
import type { VirtualClock } from '../../support/virtual-clock.ts';
import { type TemporaryPostgres, temporaryPostgres } from '../../support/temporary-postgres.ts';

let open: ((options: BedOptions) => Promise<StoreBed>) | undefined;

/** Which store the conformance tests of this test file are about. */
export function conformanceOf(store: 'SQLite' | 'PostgreSQL'): void {
	let server: TemporaryPostgres | undefined;
	beforeAll(async () => {
		if (store === 'SQLite') {
			open = async (options) => new SqliteBed(options);
			return;
		}
		server = await temporaryPostgres();
		open = onDatabasesOf(server);
	}, 60_000);
	afterAll(() => server?.dispose());
}

/** To empty a database takes a moment; to make one takes half a second. */
function onDatabasesOf(server: TemporaryPostgres): typeof open {
	const used: string[] = [];
	return async (options) => {
		const url = used.pop() ?? (await server.database());
		const tables = await server.query(
			url,
			"SELECT tablename FROM pg_tables WHERE schemaname = 'sureping' AND tablename NOT IN ('schema_steps', 'feed', 'probe')",
		);
		if (tables.length > 0) {
			const names = tables.map(({ tablename }) => `sureping.${String(tablename)}`);
			await server.query(url, `TRUNCATE ${names.join(', ')}`);
			await server.query(
				url,
				'UPDATE sureping.feed SET endpoints_version = endpoints_version + 1, pruned_position = 0',
			);
		}
		const bed = await PostgresBed.open(url, options);
		const dispose = bed.dispose.bind(bed);
		let disposal: Promise<void> | undefined;
		// Once, however many hooks ask for it: the database is given to the next test.
		bed.dispose = () =>
			(disposal ??= dispose().then(() => {
				used.push(url);
			}));
		return bed;
	};
}

/** A new store, of the kind that is being tested. */
export async function openBed(options: BedOptions): Promise<StoreBed> {
	if (!open) throw new Error('A conformance test says first which store it is about');
	return await open(options);
}

/** The same on a virtual clock, which stands still while the store has something to answer. */
export async function openBedOn(
	clock: VirtualClock,
	more: Partial<BedOptions> = {},
): Promise<StoreBed> {
	const now = (): number => clock.now();
	const bed = await openBed({ newId: createIds(now), now, ...more });
	clock.isBusy = () => bed.isBusy();
	clock.whenIdle = () => bed.whenIdle();
	return bed;
}
