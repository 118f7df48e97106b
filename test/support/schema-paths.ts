import { CHANNELS } from '@sureping/engine';
import { z } from 'zod/v4';
import { configSchema } from '../../runner/config/settings/index.ts';

/** The part of JSON Schema that zod writes of settings. */
interface Node {
	readonly properties?: Readonly<Record<string, Node>>;
	readonly items?: Node;
	readonly anyOf?: readonly Node[];
}

/** Every setting of an object schema as `a.b`; of the objects in a list as `list[].b`. */
function pathsIn(node: Node, path = ''): string[] {
	const own = Object.entries(node.properties ?? {}).flatMap(([name, below]) => {
		const at = path === '' ? name : `${path}.${name}`;
		return [at, ...pathsIn(below, at)];
	});
	const items = node.items ? pathsIn(node.items, `${path}[]`) : [];
	const ways = (node.anyOf ?? []).flatMap((one) => pathsIn(one, path));
	return [...new Set([...own, ...items, ...ways])];
}

const toNode = (schema: z.ZodType): Node =>
	// Zod's type allows `false` for a schema, which it does not write here.
	z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Node;

/** Every setting that a config file may have; those of a connection are its channel's. */
export const CONFIG_PATHS: readonly string[] = pathsIn(toNode(configSchema));

/** The settings of connections, by channel and service. */
export const SERVICE_PATHS: ReadonlyMap<string, readonly string[]> = new Map(
	CHANNELS.flatMap(({ id, services }) =>
		services.map(({ key, settings }) => [`${id} ${key}`, pathsIn(toNode(settings))]),
	),
);
