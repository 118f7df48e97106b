import { invalid, Problem } from '../problem.ts';
import { TimeSlices } from '../time-slices.ts';

/** An item of a batch that was refused before its fields were checked. */
export class RefusedItem {
	readonly problem: Problem;

	constructor(problem: Problem) {
		this.problem = problem;
	}
}

/** Rules by which a batch is read. */
export interface BatchRules {
	/** Most items of a batch. */
	readonly limit: number;
	/** Bytes of one item. */
	readonly itemBytes: number;
	/** Makes a value of one item. Throws a `Problem`: of 400 for the whole batch, of any other for the item. */
	parse(bytes: Buffer): unknown;
}

/** Bytes around the items: `{"sends":[…]}` and a comma for each. */
const MOST_AROUND = 4096;

/** Bytes that are scanned between two looks at the clock. */
const STEP = 256 * 1024;

/**
 * Reads an object whose members are lists without blocking the event loop: cuts the text at the ends of the items and
 * parses each by itself. The result is that of `JSON.parse`, with a `RefusedItem` in place of an item that was refused.
 */
export async function readBatch(bytes: Buffer, rules: BatchRules): Promise<unknown> {
	const slices = new TimeSlices();
	const { around, items } = await cut(bytes, rules, slices);
	const outer = rules.parse(around);
	const values: unknown[] = [];
	for (const item of items) {
		values.push(parseItem(item, rules));
		await slices.yieldIfDue();
	}
	if (typeof outer !== 'object' || outer === null || Array.isArray(outer)) return outer;
	const members = Object.entries(outer).map(([name, member]: [string, unknown]) => [
		name,
		Array.isArray(member) ? member.map((number) => values[Number(number)]) : member,
	]);
	return Object.fromEntries(members);
}

function parseItem(item: Buffer, { itemBytes, parse }: BatchRules): unknown {
	try {
		if (item.length > itemBytes) {
			throw new Problem(413, `A send of a batch may be at most ${itemBytes / (1024 * 1024)} MiB`);
		}
		return parse(item);
	} catch (error) {
		if (!(error instanceof Problem) || error.status === 400) throw error;
		return new RefusedItem(error);
	}
}

interface Cut {
	/** The text with the number of each item in its place. */
	readonly around: Buffer;
	readonly items: readonly Buffer[];
}

/** Finds the elements of the lists that are members of the outermost object. */
async function cut(bytes: Buffer, { limit }: BatchRules, slices: TimeSlices): Promise<Cut> {
	const pieces = new Pieces(bytes, limit);
	if (bytes[startOf(bytes)] !== OPEN_OBJECT) return pieces.end();
	let depth = 0;
	let inText = false;
	let lookAt = STEP;
	for (let i = 0; i < bytes.length; i++) {
		if (i >= lookAt) {
			lookAt = i + STEP;
			await slices.yieldIfDue();
		}
		const byte = bytes[i];
		if (byte === QUOTE) inText = !inText;
		else if (inText) {
			// An escaped quote does not end the string.
			if (byte === BACKSLASH) i++;
		} else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
			depth++;
			if (depth === 2 && byte === OPEN_LIST) pieces.open(i + 1);
		} else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
			if (depth === 2) pieces.close(i);
			depth--;
		} else if (byte === COMMA && depth === 2) pieces.separate(i);
	}
	return pieces.end();
}

/** Collects the items and the text around them. */
class Pieces {
	private readonly bytes: Buffer;
	private readonly limit: number;
	private readonly around: Buffer[] = [];
	private readonly items: Buffer[] = [];
	private aroundBytes = 0;
	/** Start of the text that was not collected yet. */
	private from = 0;
	private isList = false;
	private isFirst = true;

	constructor(bytes: Buffer, limit: number) {
		this.bytes = bytes;
		this.limit = limit;
	}

	/** Starts a list, whose bracket is before `at`. */
	open(at: number): void {
		this.keep(at);
		this.isList = true;
		this.isFirst = true;
	}

	/** Ends the item before `at`. */
	separate(at: number): void {
		if (!this.isList) return;
		this.take(at);
		this.keep(at + 1);
	}

	/** Ends the list at `at`, with its last item if it has any. */
	close(at: number): void {
		if (!this.isList) return;
		this.isList = false;
		if (this.isFirst && startOf(this.bytes, this.from) === at) this.keep(at);
		else this.take(at);
	}

	/** Nothing follows. */
	end(): Cut {
		this.keep(this.bytes.length);
		return { around: Buffer.concat(this.around), items: this.items };
	}

	private take(to: number): void {
		if (this.items.length >= this.limit) {
			throw invalid([{ path: 'sends', message: `must have at most ${this.limit} entries` }]);
		}
		this.around.push(Buffer.from(String(this.items.length)));
		this.items.push(this.bytes.subarray(this.from, to));
		this.from = to;
		this.isFirst = false;
	}

	private keep(to: number): void {
		this.aroundBytes += to - this.from;
		if (this.aroundBytes > MOST_AROUND) {
			throw invalid([{ path: '', message: 'must be an object with sends and nothing else' }]);
		}
		this.around.push(this.bytes.subarray(this.from, to));
		this.from = to;
	}
}

/** Position of the first byte that is neither white space (RFC 8259 §2) nor a byte order mark. */
function startOf(bytes: Buffer, from = 0): number {
	let i = from;
	while (i < bytes.length && BLANKS.has(bytes[i] ?? 0)) i++;
	return i;
}

const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);
const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST] = [0x5b, 0x5d];
const [OPEN_OBJECT, CLOSE_OBJECT] = [0x7b, 0x7d];
