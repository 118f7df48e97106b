import { type RunnerProcess, startRunner } from '../support/runner-process.ts';

describe('endpoints that several callers change at once', () => {
	let runner: RunnerProcess;
	let number = 0;

	beforeAll(async () => {
		runner = await startRunner();
	});
	afterAll(() => runner.dispose());

	const make = async (): Promise<{ id: string; url: string; secret: string }> => {
		const url = `http://127.0.0.1:9/${number++}`;
		const { status, body } = await runner.post('/endpoints', { name: 'one', url });
		expect(status).toBe(201);
		return body;
	};
	const change = (id: string, fields: object) => runner.call('PATCH', `/endpoints/${id}`, fields);

	it('do not come back when one of them removes it', async () => {
		for (let round = 0; round < 20; round++) {
			const { id } = await make();
			const answers = await Promise.all([
				runner.call('DELETE', `/endpoints/${id}`),
				...Array.from({ length: 5 }, () => change(id, { name: 'two' })),
				runner.call('POST', `/endpoints/${id}/rotate-secret`),
				runner.call('POST', `/endpoints/${id}/disable`),
				runner.call('POST', `/endpoints/${id}/replay`, {}),
			]);
			for (const { status } of answers) expect([200, 202, 204, 404]).toContain(status);
			expect((await runner.get(`/endpoints/${id}`)).status).toBe(404);
		}
	});

	it('never share a URL, and none is lost over it', async () => {
		const [one, two] = [await make(), await make()];
		const url = 'http://127.0.0.1:9/wanted';
		const answers = await Promise.all([one, two].map(({ id }) => change(id, { url })));
		expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
		const ids = (await runner.get('/endpoints')).body.endpoints.map((e: { id: string }) => e.id);
		expect(ids).toEqual(expect.arrayContaining([one.id, two.id]));
	});

	it('keep every change', async () => {
		const { id } = await make();
		const events = ['notification.failed'];
		await Promise.all([
			change(id, { name: 'renamed' }),
			change(id, { events }),
			change(id, { default: true }),
			runner.call('POST', `/endpoints/${id}/disable`),
		]);
		expect((await runner.get(`/endpoints/${id}`)).body).toMatchObject({
			name: 'renamed',
			events,
			default: true,
			status: 'disabled',
		});
	});
});
