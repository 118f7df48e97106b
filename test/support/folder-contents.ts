import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The files directly in a folder, each with its mode and the hash of its content. */
export const folderContents = (folder: string): Readonly<Record<string, string>> =>
	Object.fromEntries(
		readdirSync(folder)
			.filter((name) => statSync(join(folder, name)).isFile())
			.sort()
			.map((name) => {
				const path = join(folder, name);
				const hash = createHash('sha256').update(readFileSync(path)).digest('hex');
				return [name, `${(statSync(path).mode & 0o777).toString(8)} ${hash}`];
			}),
	);
