import { attempt, type HttpReply, type HttpRequest } from '@sureping/engine';
import { T0 } from '../../support/dispatch-scene.ts';
import { open, outgoing } from '../../support/outgoing.ts';

const moved = JSON.stringify({ ok: false, parameters: { migrate_to_chat_id: -1009000 } });

/** One attempt at a group that moved, where each request takes `ms` of the two seconds. */
async function attemptAt(ms: number): Promise<{ requests: HttpRequest[]; code: string }> {
	let now = T0;
	const requests: HttpRequest[] = [];
	const http = async (request: HttpRequest): Promise<HttpReply> => {
		requests.push(request);
		now += ms;
		return await Promise.resolve(
			requests.length === 1
				? { status: 400, headers: {}, body: moved }
				: { status: 200, headers: {}, body: '{"ok":true}' },
		);
	};
	const bot = open('telegram', { bot_token: '1:a' });
	const message = outgoing({ recipient: '-9000', timeoutMs: 2_000 });
	const { outcome } = await attempt(bot, message, { http }, { now: () => now });
	return { requests, code: outcome.result === 'failed' ? outcome.error.code : 'delivered' };
}

it('gives a follow-up what is left of the attempt’s time', async () => {
	const { requests, code } = await attemptAt(1_500);
	expect(requests.map(({ timeoutMs }) => timeoutMs)).toEqual([2_000, 500]);
	expect(code).toBe('delivered');
});

it('starts no follow-up when no time is left, and may be tried again', async () => {
	const { requests, code } = await attemptAt(2_000);
	expect(requests).toHaveLength(1);
	expect(code).toBe('TIMEOUT');
});
