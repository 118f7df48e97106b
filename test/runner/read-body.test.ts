import { PassThrough } from 'node:stream';
import { readBody } from '../../runner/http/body/read-body.ts';
import { Problem } from '../../runner/http/problem.ts';

const reading = (limit: number, onBytes?: (bytes: number) => void) => {
	const payload = new PassThrough();
	return { payload, body: readBody(payload, { headers: {} }, limit, onBytes) };
};

it('joins the pieces of a body', async () => {
	const { payload, body } = reading(6);
	payload.write('ab');
	payload.write('cd');
	payload.end('ef');
	expect((await body).toString()).toBe('abcdef');
	const one = reading(3);
	one.payload.end('abc');
	expect((await one.body).toString()).toBe('abc');
	const none = reading(0);
	none.payload.end();
	expect(await none.body).toHaveLength(0);
});

it('refuses a body that is larger than its limit', async () => {
	const { payload, body } = reading(3);
	payload.write('ab');
	payload.write('cd');
	await expect(body).rejects.toMatchObject({ status: 413 });
});

it('refuses a body for which there is no room, and counts nothing of it from then on', async () => {
	const counted: number[] = [];
	const { payload, body } = reading(10, (bytes) => {
		counted.push(bytes);
		if (counted.length > 1) throw new Problem(429, 'Too many sends are in flight');
	});
	payload.write('ab');
	payload.write('cde');
	await expect(body).rejects.toMatchObject({ status: 429 });
	payload.end('f');
	await new Promise((resolve) => payload.once('close', resolve));
	expect(payload.readableEnded).toBe(true);
	expect(counted).toEqual([2, 3]);
});

it('refuses a body that ends early', async () => {
	const { payload, body } = reading(10);
	payload.write('ab');
	payload.destroy();
	await expect(body).rejects.toMatchObject({ status: 400, message: 'The body is incomplete' });
});
