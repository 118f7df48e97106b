import type { HttpReply, HttpRequest, TransportFailure } from '@sureping/engine';
import { createCertificates } from '../../runner/transport/certificates.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const URL_1 = 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem';
const DAY_MS = 86_400_000;

function scene(answer: (url: string) => HttpReply | TransportFailure) {
	const asked: string[] = [];
	const clock = new VirtualClock(0);
	let open: () => void = () => undefined;
	let gate: Promise<void> = Promise.resolve();
	const http = async ({ method, url }: HttpRequest): Promise<HttpReply | TransportFailure> => {
		asked.push(`${method} ${url}`);
		await gate;
		return answer(url);
	};
	const hold = (): void => void (gate = new Promise((resolve) => (open = resolve)));
	return { asked, clock, hold, go: () => open(), get: createCertificates(http, clock) };
}
const reply = (status: number, body: string) => (): HttpReply => ({ status, headers: {}, body });

describe('a certificate', () => {
	it('is fetched once a day, also when many ask at once', async () => {
		const { asked, clock, get } = scene(reply(200, PEM));
		expect(await Promise.all([get(URL_1), get(URL_1), get(URL_1)])).toEqual([PEM, PEM, PEM]);
		clock.advance(DAY_MS - 1);
		expect(await get(URL_1)).toBe(PEM);
		expect(asked).toEqual([`GET ${URL_1}`]);
		clock.advance(1);
		expect(await get(URL_1)).toBe(PEM);
		expect(asked).toHaveLength(2);
	});

	it.each([
		['an error', reply(403, PEM)],
		['a redirect', reply(302, PEM)],
		['something else', reply(200, '<html>')],
		['silence', () => ({ failure: 'timeout', detail: '5 seconds' }) as const],
	])(
		'that is answered by %s is none, and is asked for again after a minute',
		async (_name, answer) => {
			const { asked, clock, get } = scene(answer);
			expect([await get(URL_1), await get(URL_1)]).toEqual([undefined, undefined]);
			expect(asked).toHaveLength(1);
			clock.advance(60_000);
			expect(await get(URL_1)).toBeUndefined();
			expect(asked).toHaveLength(2);
		},
	);

	it('is not fetched without encryption', async () => {
		const { asked, get } = scene(reply(200, PEM));
		expect(await get(URL_1.replace('https', 'http'))).toBeUndefined();
		expect(asked).toEqual([]);
	});

	it('stays known while forged requests name a thousand others', async () => {
		const { asked, get } = scene((url) => reply(url === URL_1 ? 200 : 404, PEM)());
		expect(await get(URL_1)).toBe(PEM);
		for (let i = 0; i < 1000; i++) await get(`${URL_1}?${i}`);
		expect(await get(URL_1)).toBe(PEM);
		expect(asked.filter((line) => line === `GET ${URL_1}`)).toHaveLength(1);
	});

	it('is one of a few that are fetched at once', async () => {
		const { asked, hold, go, get } = scene(reply(200, PEM));
		hold();
		const all = Array.from({ length: 100 }, (_, i) => get(`${URL_1}?${i}`));
		go();
		const found = (await Promise.all(all)).filter((pem) => pem !== undefined);
		expect(found.length).toBeGreaterThan(0);
		expect(asked.length).toBeLessThan(20);
	});
});
