import { type Answer, type RunnerProcess, startRunner } from '../support/runner-process.ts';

let runner: RunnerProcess;
let document: Answer['body'];
beforeAll(async () => {
	runner = await startRunner();
	document = (await runner.get('/openapi.json')).body;
});
afterAll(() => runner.dispose());

interface Shown {
	readonly call: string;
	readonly operation: Answer['body'];
}
const operations = (): Shown[] =>
	Object.entries<Answer['body']>(document.paths).flatMap(([path, item]) =>
		Object.entries(item).map(([method, operation]) => ({ call: `${method} ${path}`, operation })),
	);

describe('the API description', () => {
	it('names every operation once, in the words of its call', () => {
		const ids = operations().map(({ operation }) => operation.operationId);
		expect(ids.filter((id) => !/^[a-z][A-Za-z]+$/.test(id))).toEqual([]);
		expect(new Set(ids).size).toBe(ids.length);
		expect(ids).toEqual(
			expect.arrayContaining(['send', 'listNotifications', 'createEndpoint', 'getEndpoint']),
		);
	});

	it('says for every operation where it is, what it does and who may call it', () => {
		expect(document.servers).toEqual([expect.objectContaining({ url: '/' })]);
		const tags = document.tags.map(({ name }: { name: string }) => name);
		for (const { call, operation } of operations()) {
			expect([call, operation.summary]).toEqual([call, expect.stringMatching(/\w/)]);
			for (const tag of operation.tags)
				expect([call, tags]).toEqual([call, expect.arrayContaining([tag])]);
			const isOpen = /\/(healthz|readyz|metrics|inbound)/.test(call);
			expect([call, operation.security]).toEqual([call, isOpen ? [] : undefined]);
		}
	});

	it('has a success and its errors for each, with their own status and content type', () => {
		for (const { call, operation } of operations()) {
			const statuses = Object.keys(operation.responses);
			expect([call, statuses.filter((one) => !/^[2-5]\d\d$/.test(one))]).toEqual([call, []]);
			expect([call, statuses.some((one) => one.startsWith('2'))]).toEqual([call, true]);
			expect([call, statuses.some((one) => one.startsWith('4'))]).toEqual([call, true]);
			for (const status of statuses.filter((one) => /^[45]/.test(one))) {
				expect(operation.responses[status]).toEqual({ $ref: `#/components/responses/${status}` });
			}
		}
		for (const response of Object.values<Answer['body']>(document.components.responses)) {
			expect(response.content).toEqual({
				'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
			});
		}
		expect(document.paths['/metrics'].get.responses['200'].content).toHaveProperty('text/plain');
	});

	it('has a number for every limit, and the header that makes a send happen once', () => {
		for (const { operation } of operations()) {
			for (const { name, schema } of operation.parameters ?? []) {
				if (name === 'limit') expect(schema).toMatchObject({ type: 'integer', maximum: 1000 });
			}
		}
		expect(document.paths['/send'].post.parameters).toContainEqual(
			expect.objectContaining({ name: 'Idempotency-Key', in: 'header' }),
		);
	});

	it('says of every parameter what it is, and of every answer what it means', () => {
		for (const { call, operation } of operations()) {
			for (const { name, description } of operation.parameters ?? []) {
				expect([call, name, description]).toEqual([
					call,
					name,
					expect.stringMatching(/^[A-Z].+\.$/),
				]);
			}
			for (const [status, answer] of Object.entries<Answer['body']>(operation.responses)) {
				if (status.startsWith('2'))
					expect([call, answer.description]).not.toEqual([call, 'Default Response']);
			}
		}
		const [, limit, since] = document.paths['/events'].get.parameters;
		expect(limit).toMatchObject({ name: 'limit', example: 50 });
		expect(since).toMatchObject({ name: 'since', example: '2026-01-31T12:00:00Z' });
	});

	it('has an example of every body that a caller writes', () => {
		for (const { call, operation } of operations()) {
			const media = operation.requestBody?.content['application/json'];
			if (media)
				expect([call, media]).toEqual([
					call,
					expect.objectContaining({ example: expect.anything() }),
				]);
		}
	});

	it('describes what a batch takes as what a send takes', () => {
		const { sends } = document.components.schemas.SendBatchRequest.properties;
		expect(sends).toMatchObject({ items: { $ref: '#/components/schemas/SendRequest' } });
	});

	it('has a name for every body, all of them in use', () => {
		const text = JSON.stringify(document);
		for (const { operation } of operations()) {
			const bodies = [operation.requestBody, ...Object.values<Answer['body']>(operation.responses)];
			for (const body of bodies) {
				const schema = body?.content?.['application/json']?.schema;
				if (schema)
					expect(schema).toEqual({ $ref: expect.stringMatching(/^#\/components\/schemas\//) });
			}
		}
		for (const name of Object.keys(document.components.schemas)) {
			expect([name, text.includes(`"#/components/schemas/${name}"`)]).toEqual([name, true]);
		}
	});

	it('has examples that the runner takes', async () => {
		const { example } = document.paths['/send'].post.requestBody.content['application/json'];
		const sent = await runner.post('/send', {
			...example,
			channels: ['console'],
			fallback_channels: [],
		});
		expect(sent.status).toBe(202);
		const made = document.paths['/endpoints'].post.requestBody.content['application/json'].example;
		const url = 'https://127.0.0.1/events';
		expect((await runner.post('/endpoints', { ...made, url })).status).toBe(201);
		expect(JSON.stringify(document)).not.toMatch(/"format":"date-time","pattern"/);
	});

	it('describes problems as they are: titled by their status, with a message beside the detail', async () => {
		for (const [path, title] of [
			['/nothing', 'Not Found'],
			['/notifications/none', 'Not Found'],
			['/events?limit=x', 'Unprocessable Content'],
		] as const) {
			const { body } = await runner.get(path);
			expect(body).toMatchObject({ type: 'about:blank', title, message: body.detail });
			const { properties, required } = document.components.schemas.Problem;
			expect(Object.keys(properties)).toEqual(expect.arrayContaining(Object.keys(body)));
			expect(Object.keys(body)).toEqual(expect.arrayContaining(required));
		}
	});
});
