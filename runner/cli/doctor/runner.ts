import type { Config } from '../../config/config.ts';
import { hashKey } from '../../config/api-keys.ts';
import type { Scope } from '../../config/settings/index.ts';
import { VERSION } from '../../version.ts';
import { hostOf } from '../../transport/host-name.ts';
import { RemoteError } from '../remote.ts';
import { z } from 'zod/v4';
import { ask, type Asked, type Reply } from './ask.ts';
import type { Finding } from './finding.ts';

/** The config that the doctor read, and the name of its file. */
export interface ReadConfig {
	readonly file: string;
	readonly config: Config;
}

const what = 'runner';

/** Checks that the runner answers, knows the key, is new enough, and gives the key what n8n needs. */
export async function examineRunner(
	asked: Asked,
	read: ReadConfig | undefined,
): Promise<{ readonly findings: readonly Finding[]; readonly answers: boolean }> {
	let reply: Reply;
	try {
		reply = await ask(asked, 'GET', '/version');
	} catch (error) {
		if (!(error instanceof RemoteError)) throw error;
		const change =
			'start the runner, or give its address: --url URL, or SUREPING_URL in the environment';
		return { findings: [{ what, ok: false, found: error.message, change }], answers: false };
	}
	const refusal = explainRefusal(reply, asked, read);
	if (refusal) return { findings: [refusal], answers: false };
	return {
		findings: [versionOf(reply, asked), await scopesOf(asked, read)],
		answers: true,
	};
}

function explainRefusal(
	{ status, body }: Reply,
	{ url, key }: Asked,
	read: ReadConfig | undefined,
): Finding | undefined {
	const { host, origin } = new URL(url);
	switch (status) {
		case 200:
			return isVersion(body)
				? undefined
				: notSureping(origin, 'its answer to /version has no version');
		case 401:
			return wrongKey(key, read);
		case 404:
			return {
				what,
				ok: false,
				found: `${origin} has no /version: it is older than this command (${VERSION}), or no Sureping runner`,
				change: `install version ${VERSION} of the runner, or correct --url or SUREPING_URL`,
			};
		case 421:
			return {
				what,
				ok: false,
				found: `does not answer to the name ${host}`,
				change: `in ${fileOf(read)}, security: hosts: [${hostOf(new URL(url))}]`,
			};
		default:
			return notSureping(origin, `it answered ${status} to /version`);
	}
}

const fileOf = (read: ReadConfig | undefined): string => read?.file ?? 'the config of the runner';

const notSureping = (origin: string, reason: string): Finding => ({
	what,
	ok: false,
	found: `${origin} does not answer as a Sureping runner: ${reason}`,
	change: 'give the address of the runner: --url URL, or SUREPING_URL in the environment',
});

/** The config says if the key is wrong, or if the runner has not read this config. */
function wrongKey(key: string, read: ReadConfig | undefined): Finding {
	const known = read && keyOf(read.config, key);
	return {
		what: 'key',
		ok: false,
		found: known
			? `the runner does not know this key, though ${read.file} has it as "${known.name}"`
			: 'the runner does not know this key',
		change: known
			? `start the runner again with --config ${read.file}: it runs with another config`
			: `set SUREPING_KEY to a key that is under api_keys in ${fileOf(read)}, in n8n's credential too`,
	};
}

const keyOf = ({ apiKeys }: Config, key: string): Config['apiKeys'][number] | undefined =>
	apiKeys.find(({ sha256 }) => sha256.equals(hashKey(key)));

const versionSchema = z.object({ version: z.string().regex(/^\d+\.\d+\.\d+/) });

const isVersion = (body: unknown): boolean => versionSchema.safeParse(body).success;

function versionOf({ body }: Reply, { url }: Asked): Finding {
	const { version } = versionSchema.parse(body);
	const { origin } = new URL(url);
	return isOlder(version, VERSION)
		? {
				what,
				ok: false,
				found: `${origin} is version ${version}, older than this command (${VERSION})`,
				change: `install version ${VERSION} of the runner and start it again`,
			}
		: { what, ok: true, found: `version ${version} answers at ${origin}` };
}

/** Compares the three numbers of versions; what follows them does not count. */
function isOlder(version: string, than: string): boolean {
	const numbers = (text: string): readonly number[] => (text.match(/\d+/g) ?? []).map(Number);
	const [ours, theirs] = [numbers(version), numbers(than)];
	const at = [0, 1, 2].find((i) => ours[i] !== theirs[i]);
	return at !== undefined && (ours[at] ?? 0) < (theirs[at] ?? 0);
}

/** A call that each scope allows. None has an effect: an empty object is no send and no endpoint. */
const CALLS: readonly [Scope, 'GET' | 'POST', string][] = [
	['send', 'POST', '/send'],
	['read', 'GET', '/events?limit=1'],
	['endpoints', 'POST', '/endpoints'],
];

/** A call with the scope is answered, or refused for its body. */
const isAllowed = (status: number): boolean =>
	(status >= 200 && status < 300) || status === 400 || status === 422;

const BY_STATUS: ReadonlyMap<number, string> = new Map([
	[404, 'give the address of the runner, with its path: something else answers there'],
	[429, 'the key or the runner is at a limit: run this again in a minute'],
	[503, 'see /readyz of the runner, which says what is wrong, and run this again'],
]);

async function scopesOf(asked: Asked, read: ReadConfig | undefined): Promise<Finding> {
	const lacking: Scope[] = [];
	for (const [scope, method, path] of CALLS) {
		const { status } = await ask(asked, method, path);
		if (status === 403) lacking.push(scope);
		else if (!isAllowed(status)) {
			return {
				what: 'key',
				ok: false,
				found: `may or may not have the scope ${scope}: the runner answered ${status} to ${method} ${path}`,
				change: BY_STATUS.get(status) ?? 'see the log of the runner, and run this again',
			};
		}
	}
	if (lacking.length === 0) {
		return { what: 'key', ok: true, found: 'may send, read, and manage endpoints' };
	}
	const own = read && keyOf(read.config, asked.key);
	const all = [...new Set([...(own?.scopes ?? []), 'send', 'read', 'endpoints'])];
	return {
		what: 'key',
		ok: false,
		found: `lacks the scope ${lacking.join(' and ')}, which the nodes need`,
		change: `in ${fileOf(read)}, at the key ${own ? `"${own.name}"` : 'of n8n'}: scopes: [${all.join(', ')}]; then start the runner again`,
	};
}
