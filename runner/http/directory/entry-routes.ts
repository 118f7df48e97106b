import { z } from 'zod/v4';
import type { ApiKey } from '../../config/config.ts';
import type { Entries } from '../../directory/index.ts';
import { combined } from '../../directory/snapshot.ts';
import type { App } from '../app.ts';
import { pageFields } from '../paging.ts';
import { check } from '../problem.ts';
import { configuredAt, type EntryKind, entryOf } from './entry-kinds.ts';
import { pageByName } from './name-pages.ts';
import { type Patch, patched, patchSchema } from './patch-schema.ts';
import {
	changeEntry,
	createEntry,
	type DirectoryApi,
	noEntry,
	removeEntry,
} from './store-entries.ts';

/** The tag of all calls about those who can be paged. */
export const TAGS = ['Escalation'];

/** Options of routes that change contacts, on-calls or policies. */
export const MAY_CHANGE = { config: { scopes: ['manage'] } } as const;

const MAY_READ = { config: { scopes: ['read'] } } as const;

/** An entry for an answer to a key, with the facts that its kind adds. */
export interface Shown<T, Facts> {
	readonly entry: T;
	readonly source: 'config' | 'api';
	readonly facts: Facts;
	readonly apiKey: ApiKey;
}

/** The calls about one kind of entry. */
export interface EntryRoutes<T extends object, New, Answer extends object, Facts> {
	readonly kind: EntryKind<T>;
	/** Of the list, which also is its name in the answer, with `_` for `-`. */
	readonly path: string;
	/** Descriptions of calls, where their summaries leave something to say. */
	readonly about: { readonly list: string; readonly create?: string; readonly remove: string };
	readonly createSchema: z.ZodType<New>;
	toEntry(body: New): T;
	/** The entry as a whole, and the fields that a PATCH may change. */
	readonly entrySchema: z.ZodType<T>;
	readonly changeable: z.ZodRawShape;
	/** The entry as it is stored; unchanged unless given. */
	tidied?(entry: T): T;
	/** Throws a `Problem` for what only a look outside shows, of a new entry or of changed fields. */
	refuse?(fields: New | Patch, apiKey: ApiKey): Promise<void>;
	readonly answerSchema: z.ZodType<Answer>;
	/** Finds the facts beyond the entries that answers need. Others are not asked: they may take long. */
	factsOf(): Promise<Facts>;
	toAnswer(shown: Shown<T, Facts>): Answer;
}

/** The parts of its routes that an answer comes from. */
type Answering<T extends object, Answer extends object, Facts> = Pick<
	EntryRoutes<T, never, Answer, Facts>,
	'kind' | 'factsOf' | 'toAnswer'
>;

/** An entry as an answer shows it now. */
export async function answerOf<T extends object, Answer extends object, Facts>(
	answering: Answering<T, Answer, Facts>,
	entry: T,
	apiKey: ApiKey,
	api: DirectoryApi,
): Promise<Answer> {
	return answerWith(await answering.factsOf(), answering, entry, apiKey, api);
}

function answerWith<T extends object, Answer extends object, Facts>(
	facts: Facts,
	{ kind, toAnswer }: Answering<T, Answer, Facts>,
	entry: T,
	apiKey: ApiKey,
	{ configured }: Pick<DirectoryApi, 'configured'>,
): Answer {
	const source = configuredAt(kind, kind.nameOf(entry), configured) < 0 ? 'api' : 'config';
	return toAnswer({ entry, source, facts, apiKey });
}

/** Lists, makes, shows, changes and removes entries of a kind. */
export function entryRoutes<T extends object, New, Answer extends object, Facts>(
	app: App,
	api: DirectoryApi,
	routes: EntryRoutes<T, New, Answer, Facts>,
): void {
	const { kind, path, about, answerSchema, tidied = (entry) => entry } = routes;
	const { one, several, field } = kind;
	const paramsSchema = z.object({ [field]: z.string() });
	const list = path.slice(1).replace('-', '_');
	const onePath = `${path}/:${field}`;
	const article = one.startsWith('o') ? 'an' : 'a';

	app.get(
		path,
		{
			...MAY_READ,
			schema: {
				summary: `List ${several}, by ${field}`,
				description: about.list,
				tags: TAGS,
				querystring: z.strictObject(pageFields),
				response: {
					200: z.object({ [list]: z.array(answerSchema), next_cursor: z.string().optional() }),
				},
			},
		},
		async ({ query, apiKey }) => {
			const entries = await allEntries(api);
			const facts = await routes.factsOf();
			const { items, nextCursor } = await pageByName(
				kind.listOf(entries),
				(entry) => kind.nameOf(entry),
				(entry) => answerWith(facts, routes, entry, apiKey, api),
				query,
			);
			return { [list]: [...items], next_cursor: nextCursor };
		},
	);

	app.post(
		path,
		{
			...MAY_CHANGE,
			schema: {
				summary: `Make ${article} ${one}`,
				...(about.create === undefined ? {} : { description: about.create }),
				tags: TAGS,
				body: routes.createSchema,
				response: { 201: answerSchema },
			},
		},
		async ({ body: read, apiKey }, reply) => {
			// The schema above read it; types do not see that through a schema that is a parameter.
			const body = read as New;
			const entry = tidied(routes.toEntry(body));
			await routes.refuse?.(body, apiKey);
			await createEntry(kind, entry, api);
			return await reply.code(201).send(await answerOf(routes, entry, apiKey, api));
		},
	);

	app.get(
		onePath,
		{
			...MAY_READ,
			schema: {
				summary: `Get ${article} ${one}`,
				tags: TAGS,
				params: paramsSchema,
				response: { 200: answerSchema },
			},
		},
		async ({ params, apiKey }) => {
			const entry = entryOf(kind, params[field] ?? '', await allEntries(api));
			if (entry === undefined) throw noEntry(kind);
			return await answerOf(routes, entry, apiKey, api);
		},
	);

	app.patch(
		onePath,
		{
			...MAY_CHANGE,
			schema: {
				summary: `Change ${article} ${one}`,
				description: 'Fields that are left out stay as they are. A list is replaced as a whole.',
				tags: TAGS,
				params: paramsSchema,
				body: patchSchema(routes.changeable),
				response: { 200: answerSchema },
			},
		},
		async ({ params, body, apiKey }) => {
			await routes.refuse?.(body, apiKey);
			const entry = await changeEntry(kind, params[field] ?? '', api, (now) =>
				tidied(check(routes.entrySchema, patched(now, body))),
			);
			return await answerOf(routes, entry, apiKey, api);
		},
	);

	app.delete(
		onePath,
		{
			...MAY_CHANGE,
			schema: {
				summary: `Remove ${article} ${one}`,
				description: about.remove,
				tags: TAGS,
				params: paramsSchema,
				response: { 204: z.undefined() },
			},
		},
		async ({ params }, reply) => {
			await removeEntry(kind, params[field] ?? '', api);
			return await reply.code(204).send();
		},
	);
}

const allEntries = async ({ configured, store }: DirectoryApi): Promise<Entries> =>
	combined(configured, await store.directoryEntries.all());
