import { type BedOptions, PostgresBed, SqliteBed, type StoreBed } from '../../support/store-bed.ts';
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
		const started = await temporaryPostgres();
		server = started;
		open = (options) => PostgresBed.open(started, options);
	}, 60_000);
	afterAll(() => server?.dispose());
}

/** A new store, of the kind that is being tested. */
export async function openBed(options: BedOptions): Promise<StoreBed> {
	if (!open) throw new Error('A conformance test says first which store it is about');
	return await open(options);
}
