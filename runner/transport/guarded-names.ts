import type { LookupAddress } from 'node:dns';
import { lookup, Resolver as NameServers } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Clock } from '@sureping/engine';
import { isLocalhost } from './host-name.ts';

/**
 * Resolves a name to all its addresses. Rejects with an error that has a `code` when there are none. `owner` is the API
 * key that the lookup is made for while a request waits.
 */
export type Resolver = (host: string, owner?: string) => Promise<readonly LookupAddress[]>;

/** Sources of names. Tests supply their own, so that they need no network. */
export interface NameSources {
	/** Addresses of one family, as name servers have them. */
	ask(host: string, family: 4 | 6): Promise<readonly string[]>;
	/** The text of the system's file of hosts. */
	hostsFile(): Promise<string>;
	readonly clock: Pick<Clock, 'now'>;
}

/** Timeout for each family and each of two tries; milliseconds. */
const TRY_MS = 1_500;
/** Timeout of a whole lookup; milliseconds. */
const LONGEST_MS = 4_000;
/** Time that a failed lookup is remembered; milliseconds. */
const FAILURE_KEPT_MS = 10_000;
const MOST_FAILURES = 1_000;
/**
 * Lookups at once, for one owner and for all. More are refused, not queued, so that no owner waits for the lookups of
 * another.
 */
const MOST_EACH = 8;
const MOST_AT_ONCE = 512;

/** Resolves names that the operator chose, by all means of the system: hosts file, mDNS, search domains. */
export const systemNames: Resolver = (host) => lookup(host, { all: true });

/**
 * Resolves names that callers chose, without the system's lookup: that has two threads for the whole process and waits
 * without limit for a server that never answers, so two such names would block every connection of the operator.
 */
export function createGuardedNames(sources: NameSources = systemSources()): Resolver {
	const { clock } = sources;
	const failures = new Map<string, { readonly until: number; readonly error: Unresolved }>();
	const underWay = new Map<string, Promise<readonly LookupAddress[]>>();
	const byOwner = new Map<string, number>();

	const resolve = async (host: string): Promise<readonly LookupAddress[]> => {
		try {
			return await within(LONGEST_MS, find(host, sources));
		} catch (error) {
			const failure = error instanceof Unresolved ? error : new Unresolved('EAI_FAIL');
			failures.delete(host);
			failures.set(host, { until: clock.now() + FAILURE_KEPT_MS, error: failure });
			const [oldest] = failures.keys();
			if (failures.size > MOST_FAILURES && oldest !== undefined) failures.delete(oldest);
			throw failure;
		}
	};

	return async (host, owner) => {
		const failed = failures.get(host);
		if (failed && failed.until > clock.now()) throw failed.error;
		const running = underWay.get(host);
		if (running) return await running;
		const own = owner === undefined ? 0 : (byOwner.get(owner) ?? 0);
		if (underWay.size >= MOST_AT_ONCE || own >= MOST_EACH) throw new Unresolved('EAI_AGAIN');
		if (owner !== undefined) byOwner.set(owner, own + 1);
		const found = resolve(host).finally(() => {
			underWay.delete(host);
			if (owner === undefined) return;
			const left = (byOwner.get(owner) ?? 1) - 1;
			if (left > 0) byOwner.set(owner, left);
			else byOwner.delete(owner);
		});
		underWay.set(host, found);
		return await found;
	};
}

/** A name that has no address, or whose servers did not answer. */
export class Unresolved extends Error {
	override readonly name = 'Unresolved';
	readonly code: string;

	constructor(code: string) {
		super(code);
		this.code = code;
	}
}

async function find(
	host: string,
	{ ask, hostsFile }: NameSources,
): Promise<readonly LookupAddress[]> {
	const written = inHosts(await hostsFile(), host);
	if (written.length > 0) return written;
	if (isLocalhost(host)) return ['127.0.0.1', '::1'].map(toAddress);
	const answers = await Promise.allSettled([ask(host, 4), ask(host, 6)]);
	const found = answers.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
	if (found.length > 0) return found.map(toAddress);
	const codes = answers.map((one) => (one.status === 'rejected' ? codeOf(one.reason) : 'ENODATA'));
	// Either no server knows the name, or a server did not answer.
	throw new Unresolved(codes.find((code) => !NO_ADDRESS.has(code)) ?? 'ENOTFOUND');
}

const NO_ADDRESS: ReadonlySet<string> = new Set(['ENODATA', 'ENOTFOUND']);

function codeOf(reason: unknown): string {
	return reason instanceof Error && 'code' in reason ? String(reason.code) : 'EAI_FAIL';
}

const toAddress = (address: string): LookupAddress => ({ address, family: isIP(address) });

/** The addresses that a file of hosts gives a name (hosts(5): an address, then its names; `#` starts a comment). */
function inHosts(text: string, host: string): LookupAddress[] {
	return text.split('\n').flatMap((line) => {
		const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
		const isNamed = names.some((name) => name.toLowerCase().replace(/\.$/, '') === host);
		return isNamed && isIP(address) !== 0 ? [toAddress(address)] : [];
	});
}

function systemSources(): NameSources {
	const servers = new NameServers({ timeout: TRY_MS, tries: 2 });
	const path =
		process.platform === 'win32'
			? `${process.env.SystemRoot ?? 'C:\\Windows'}\\System32\\drivers\\etc\\hosts`
			: '/etc/hosts';
	return {
		ask: (host, family) => (family === 4 ? servers.resolve4(host) : servers.resolve6(host)),
		hostsFile: () => readFile(path, 'utf8').catch(() => ''),
		clock: { now: Date.now },
	};
}

async function within<T>(limitMs: number, result: Promise<T>): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Unresolved('ETIMEOUT')), limitMs);
	});
	try {
		return await Promise.race([result, late]);
	} finally {
		clearTimeout(timer);
	}
}
