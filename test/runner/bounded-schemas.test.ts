import { type RunnerProcess, startRunner } from '../support/runner-process.ts';

// Of a JSON schema, what is looked at here.
interface Schema {
	readonly type?: string;
	readonly maxItems?: number;
	readonly maxProperties?: number;
	readonly items?: Schema;
	readonly properties?: Readonly<Record<string, Schema>>;
	readonly additionalProperties?: Schema | boolean;
	readonly anyOf?: readonly Schema[];
	readonly oneOf?: readonly Schema[];
	readonly allOf?: readonly Schema[];
}

/** Every list and every object with names of the caller's choice that has no bound. */
function unbounded(schema: Schema, path: string): string[] {
	const {
		items,
		properties = {},
		additionalProperties,
		anyOf = [],
		oneOf = [],
		allOf = [],
	} = schema;
	const isOpen =
		typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0;
	return [
		...(schema.type === 'array' && schema.maxItems === undefined ? [`${path}[]`] : []),
		...(isOpen && schema.maxProperties === undefined ? [`${path}{}`] : []),
		...(items ? unbounded(items, `${path}[]`) : []),
		...Object.entries(properties).flatMap(([name, one]) => unbounded(one, `${path}.${name}`)),
		...(isOpen ? unbounded(additionalProperties, `${path}{}`) : []),
		...[...anyOf, ...oneOf, ...allOf].flatMap((one) => unbounded(one, path)),
	];
}

describe('what the API takes', () => {
	let runner: RunnerProcess;
	beforeAll(async () => {
		runner = await startRunner();
	});
	afterAll(() => runner.dispose());

	it('has a bound on every list and every object of free names', async () => {
		const { body } = await runner.get('/openapi.json');
		const bodies: string[] = [];
		const open: string[] = [];
		for (const [path, calls] of Object.entries<
			Record<string, { requestBody?: { content: Record<string, { schema: Schema }> } }>
		>(body.paths)) {
			for (const [method, { requestBody }] of Object.entries(calls)) {
				for (const { schema } of Object.values(requestBody?.content ?? {})) {
					bodies.push(path);
					open.push(...unbounded(schema, `${method} ${path} `));
				}
			}
		}
		expect(bodies.length).toBeGreaterThanOrEqual(5);
		expect(open).toEqual([]);
	});
});
