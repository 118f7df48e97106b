import { createHash } from 'node:crypto';
import { z } from 'zod/v4';
import { isHmacOfOne } from '../../../signing/hmac.ts';
import { parseJson } from '../../parse/json.ts';
import { membersOf } from '../../parse/members.ts';
import { provider } from '../../provider.ts';
import { refuse, type Rejection } from '../../verify/verification.ts';
import type { ReceiveOptions } from '../../options.ts';
import { refuseTimestamp } from '../../verify/timestamp.ts';
import { readEvent } from './event.ts';

const signatureSchema = z.looseObject({
	timestamp: z.union([z.string(), z.number()]).transform(String),
	token: z.string().regex(/^[\w-]{1,100}$/),
	signature: z.string(),
	'parent-signature': z.string().optional(),
});
/** Bytes of the object with a timestamp, a token and two digests in it. */
const LONGEST_SIGNATURE = 4096;

/**
 * Mailgun's webhooks in JSON (`event-data`); the forms of before 2018 and of routes are not read. The signature is in
 * the body: hex HMAC-SHA256 of its timestamp and token, keyed with the webhook signing key, which is the secret. For a
 * subaccount there is a second one by the primary account's key, which will do as well. Neither covers the event itself,
 * so a token is good for one body only, and the host must remember it
 * (https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks).
 */
export const mailgun = provider({
	id: 'mailgun',
	parameter: 'mailgun',
	title: 'Mailgun',
	scheme: {
		proof:
			'signature.signature in the body: the hex HMAC-SHA256 of its timestamp and token, which is taken once',
		secret: 'the HTTP webhook signing key of the account',
		documentation:
			'https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks',
	},
	docs: {
		verifiedBy: 'HMAC of a one-time token, timestamp',
		events:
			'queued, delivered, retrying, bounced, failed, suppressed, opened, clicked, complained, unsubscribed, received',
		setUp: 'paste in Webhooks, per type',
	},
	verify(request, secrets, options) {
		const members = membersOf(request.body, ['signature'], LONGEST_SIGNATURE);
		if (!members) return refuse('malformed_body');
		if (members.signature === undefined) return refuse('missing_header');
		const parsed = signatureSchema.safeParse(members.signature);
		if (!parsed.success) return refuse('malformed_signature');
		const { timestamp, token, signature, 'parent-signature': parent } = parsed.data;
		const claimed = [signature, ...(parent === undefined ? [] : [parent])];
		if (!claimed.every((hex) => /^[0-9a-f]{64}$/i.test(hex))) return refuse('malformed_signature');
		const untimely = refuseTimestamp(timestamp, options.now, options.toleranceS);
		if (untimely) return refuse(untimely);
		const key = secrets.find((secret) => isHmacOfOne([secret], claimed, timestamp + token));
		if (key === undefined) return refuse('bad_signature');
		return (
			refuseReplay(key, token, request.body, options) ?? {
				ok: true,
				request,
				signedAt: Number(timestamp) * 1000,
			}
		);
	},
	read({ request }, { now }) {
		return readEvent(parseJson(request.body), now);
	},
});

/**
 * A token that came with another body before is a replay; with the same body it is a resend, which the event's id
 * shows.
 */
function refuseReplay(
	key: string,
	token: string,
	body: Uint8Array,
	{ found }: ReceiveOptions,
): Rejection | undefined {
	if (found?.tokenUse === 'first' || found?.tokenUse === 'same-body') return undefined;
	if (found?.tokenUse === 'other-body') return refuse('replayed');
	const need = {
		fact: 'token-use',
		key: hashOf(`one-time token\n${key}`),
		token,
		bodyHash: hashOf(body),
	} as const;
	return { ...refuse('replayed'), need };
}

function hashOf(data: string | Uint8Array): string {
	return createHash('sha256').update(data).digest('hex');
}
