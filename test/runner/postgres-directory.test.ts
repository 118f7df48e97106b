import { type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { type TemporaryPostgres, temporaryPostgres } from '../support/temporary-postgres.ts';

const addresses = [{ channel: 'console', address: 'x' }];

describe('two runners on one database', () => {
	let postgres: TemporaryPostgres;
	let runners: readonly [RunnerProcess, RunnerProcess];
	beforeAll(async () => {
		postgres = await temporaryPostgres();
		const store = await postgres.database();
		runners = [await startRunner({ store }), await startRunner({ store })];
	}, 60_000);
	afterAll(async () => {
		await Promise.all(runners.map((runner) => runner.dispose()));
		await postgres.dispose();
	});

	it('know at once whom the other has made and removed', async () => {
		const [one, other] = runners;
		const anna = { id: 'anna', name: 'Anna', addresses };
		expect((await one.post('/contacts', anna)).status).toBe(201);
		const duty = await other.post('/on-call', { name: 'ops', members: ['anna'] });
		expect([duty.status, duty.body.now]).toEqual([201, { who: ['anna'] }]);
		expect((await one.call('DELETE', '/contacts/anna')).status).toBe(409);
		expect((await one.call('DELETE', '/on-call/ops')).status).toBe(204);
		expect((await other.get('/on-call/ops')).status).toBe(404);
		expect((await other.call('DELETE', '/contacts/anna')).status).toBe(204);
	});

	it('remove and make each entry once, and never remove one that the other begins to name', async () => {
		const [one, other] = runners;
		for (let i = 0; i < 5; i++) {
			const anna = { id: 'anna', name: 'Anna', addresses };
			const made = await Promise.all([one.post('/contacts', anna), other.post('/contacts', anna)]);
			expect(made.map(({ status }) => status).sort()).toEqual([201, 409]);
			const [removed, named] = await Promise.all([
				one.call('DELETE', '/contacts/anna'),
				other.post('/on-call', { name: 'ops', members: ['anna'] }),
			]);
			expect([
				[204, 422],
				[409, 201],
			]).toContainEqual([removed.status, named.status]);
			await one.call('DELETE', '/on-call/ops');
			const twice = await Promise.all([
				one.call('DELETE', '/contacts/anna'),
				other.call('DELETE', '/contacts/anna'),
			]);
			const left = removed.status === 204 ? [404, 404] : [204, 404];
			expect(twice.map(({ status }) => status).sort()).toEqual(left);
		}
	});
});
