import { verify as octokitVerify } from '@octokit/webhooks-methods';
import { github } from '../../support/webhooks/github.ts';
import { receiveScene } from '../../support/webhooks/conformance.ts';
import { receivedEvent, verdictOn } from '../../support/webhooks/received.ts';
import type { SceneRequest } from '../../support/webhooks/scene.ts';

const SIGNATURE = 'x-hub-signature-256';

function withHeaders(changed: Record<string, string | undefined>) {
	return ({ headers }: SceneRequest) => ({ headers: { ...headers, ...changed } });
}

describe('verifying GitHub’s webhooks', () => {
	// "Testing the webhook payload validation" of GitHub's documentation.
	it('accepts the documented example, as the package does', async () => {
		const secret = "It's a Secret to Everybody";
		const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
		const example = {
			body: Buffer.from('Hello, World!'),
			...withHeaders({ [SIGNATURE]: signature })(await github.sign()),
		};
		expect(await verdictOn(github, () => example, { secrets: [secret] })).toBe('accepted');
		expect(await verdictOn(github, () => example, { secrets: ['other'] })).toBe('bad_signature');
		expect(await octokitVerify(secret, 'Hello, World!', signature)).toBe(true);
	});

	it.each([
		['SHA-1', `sha1=${'a'.repeat(40)}`, 'malformed_signature'],
		['bare hex', 'a'.repeat(64), 'malformed_signature'],
		['too many digits', `sha256=${'a'.repeat(65)}`, 'malformed_signature'],
		['another digest', `sha256=${'a'.repeat(64)}`, 'bad_signature'],
	])('refuses %s, as the package does', async (_what, signature, reason) => {
		expect(await verdictOn(github, withHeaders({ [SIGNATURE]: signature }))).toBe(reason);
		const { body } = await github.sign();
		expect(await octokitVerify(github.secret, body.toString(), signature)).toBe(false);
	});
});

describe('reading GitHub’s webhooks', () => {
	const eventOf = async (change: (request: SceneRequest) => object, body?: string) => {
		const request = await github.sign(body === undefined ? {} : { body });
		const received = await receiveScene(github, { ...request, ...change(request) });
		return received.ok ? received.events[0] : undefined;
	};

	it('gives a replay under another delivery and another event name the same id', async () => {
		const first = await eventOf(() => ({}));
		const replayed = await eventOf(
			withHeaders({ 'x-github-delivery': 'forged', 'x-github-event': 'push' }),
		);
		expect(replayed?.eventId).toBe(first?.eventId);
		expect(first?.eventId).toMatch(/^github_[0-9a-f]{32}$/);
	});

	it('gives other bodies other ids', async () => {
		const [one, two] = [{ zen: 'a' }, { zen: 'b' }];
		const first = await receivedEvent(github, one);
		expect((await receivedEvent(github, two)).eventId).not.toBe(first.eventId);
		expect((await receivedEvent(github, one)).eventId).toBe(first.eventId);
	});

	it.each<[string | undefined, string, string | undefined]>([
		['push', '{"ref":"refs/heads/main"}', 'push'],
		['issues', '{"action":"opened"}', 'issues.opened'],
		[undefined, '{"action":"opened"}', 'opened'],
		[undefined, '{"ref":"refs/heads/main"}', undefined],
	])('calls an event %s with %s %s', async (name, body, expected) => {
		const event = await eventOf(withHeaders({ 'x-github-event': name }), body);
		expect(event?.providerEvent).toBe(expected);
		expect(event?.type).toBe('unknown');
	});

	it('reads the form that a webhook can be set to', async () => {
		const body = `payload=${encodeURIComponent('{"action":"opened","title":"a & b"}')}`;
		const form = withHeaders({
			'content-type': 'application/x-www-form-urlencoded',
			'x-github-event': 'issues',
		});
		expect(await eventOf(form, body)).toMatchObject({
			providerEvent: 'issues.opened',
			raw: { action: 'opened', title: 'a & b' },
		});
		for (const raw of ['payload=none', 'other=1']) {
			expect(await eventOf(form, raw)).toMatchObject({ type: 'unknown', unreadable: true, raw });
		}
	});
});
