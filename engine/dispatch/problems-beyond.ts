import { type SendRequest, sendRequestSchema } from '../notification.ts';
import { type CatalogEntry, planSend, type Problem } from './plan.ts';
import { namesPeople } from './recipients.ts';

const LISTS = ['channels', 'fallback_channels'] as const;
const MOST_CHANNELS = 20;

/**
 * The mistakes that `planSend` finds in a body that the schema refuses, so that a caller sees every mistake at once.
 * Looks only at members that are valid by themselves; the schema reports the others. It does not look at people that the
 * recipient names, which a host may have to read first.
 */
export function problemsBeyond(
	body: unknown,
	catalog: readonly CatalogEntry[],
	now: number,
): readonly Problem[] {
	if (typeof body !== 'object' || body === null || Array.isArray(body)) return [];
	const written = Object.entries(body);
	const { shape } = sendRequestSchema;
	const fit = Object.fromEntries(
		written.filter(([name, value]) => isMember(name) && shape[name].safeParse(value).success),
	);
	const parsed = sendRequestSchema.partial().safeParse(fit);
	if (!parsed.success) return [];
	const lists = LISTS.map((name) =>
		fitChannels(name, Object.hasOwn(body, name) ? Reflect.get(body, name) : undefined),
	);
	const [channels, fallbacks] = lists;
	const request: SendRequest = {
		...parsed.data,
		// Short enough for every channel: the length is not checked here.
		message: parsed.data.message ?? 'x',
		channels: (channels?.entries ?? []).map(({ reference }) => reference),
		fallback_channels: (fallbacks?.entries ?? []).map(({ reference }) => reference),
	};
	const plan = planSend(request, catalog, now);
	if (plan.ok) return [];
	const unfit = new Set(written.map(([name]) => name).filter((name) => !Object.hasOwn(fit, name)));
	if (namesPeople(request.recipient)) unfit.add('recipient');
	// The schema reports a missing message.
	if (parsed.data.message === undefined) unfit.add('message');
	for (const name of LISTS) unfit.delete(name);
	return plan.problems
		.filter(({ path }) => !unfit.has(path))
		.map(({ path, message }) => ({ path: asWritten(path, lists), message }));
}

type Member = keyof typeof sendRequestSchema.shape;

const isMember = (name: string): name is Member => Object.hasOwn(sendRequestSchema.shape, name);

interface FitChannels {
	readonly name: string;
	readonly entries: readonly { readonly reference: string; readonly at: number }[];
}

/** The references of a list that are well written, each with its place. */
function fitChannels(name: (typeof LISTS)[number], list: unknown): FitChannels {
	const all: readonly unknown[] = Array.isArray(list) && list.length <= MOST_CHANNELS ? list : [];
	const { element } = sendRequestSchema.shape.channels;
	const entries = all.flatMap((entry, at) => {
		const parsed = element.safeParse(entry);
		return parsed.success ? [{ reference: parsed.data, at }] : [];
	});
	return { name, entries };
}

/** Turns a path such as `channels.0`, which counts only the valid entries, into one that counts all entries. */
function asWritten(path: string, lists: readonly FitChannels[]): string {
	const [list = '', index = ''] = path.split('.', 2);
	const at = lists.find(({ name }) => name === list)?.entries[Number(index)]?.at;
	return index === '' || at === undefined ? path : `${list}.${at}`;
}
