import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod/v4';

/** A function's place in the sources. */
export interface Place {
	/** A path in the clone, or the name of a package, or Node's own module such as `node:net`. */
	readonly source: string;
	/** Only of our own sources. */
	readonly line?: number;
}

/** The source map's answer; an empty object where it has none. */
const entrySchema = z.object({ originalSource: z.string(), originalLine: z.number() });

/** Reads places through the source maps of a built runner, which is an entry, its chunks and its threads. */
export class Sources {
	private readonly clone: string;
	private readonly maps = new Map<string, SourceMap | undefined>();

	/** @param clone the directory of a clone whose runner is built */
	constructor(clone: string) {
		this.clone = resolve(clone);
	}

	/**
	 * @param url as V8 gives it: `file:` for modules
	 * @param line and `column` count from 0
	 */
	placeOf(url: string, line: number, column: number): Place {
		if (!url.startsWith('file:')) return { source: url };
		const file = fileURLToPath(url);
		const entry = entrySchema.safeParse(this.mapOf(file)?.findEntry(line, column));
		if (!entry.success) return { source: packageOf(file) };
		const { originalSource, originalLine } = entry.data;
		const path = relative(this.clone, resolve(dirname(file), originalSource));
		if (path.includes('node_modules/')) return { source: packageOf(path) };
		return { source: path, line: originalLine + 1 };
	}

	private mapOf(file: string): SourceMap | undefined {
		if (!this.maps.has(file)) {
			const map = `${file}.map`; // esbuild's, beside each file that it wrote
			const text = existsSync(map) ? readFileSync(map, 'utf8') : undefined;
			this.maps.set(file, text === undefined ? undefined : new SourceMap(JSON.parse(text)));
		}
		return this.maps.get(file);
	}
}

const packageOf = (path: string): string =>
	/node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(path)?.[1] ?? path;
