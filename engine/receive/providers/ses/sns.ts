import { type KeyObject, verify, X509Certificate } from 'node:crypto';
import { z } from 'zod/v4';
import { memoized } from '../../../memoized.ts';
import { sameSecret } from '../../../signing/compare.ts';
import { membersOf } from '../../parse/members.ts';
import { type RawRequest, refuse, type Verification } from '../../verify/verification.ts';
import type { ReceiveOptions } from '../../options.ts';
import { refuseTime } from '../../verify/timestamp.ts';

/**
 * A line break ends a value in the signed text. So only `Message`, the first value, may have one; the rest are counted
 * from the end.
 */
const line = z.string().regex(/^[^\r\n]*$/);

/**
 * The requests that Amazon SNS posts, by kind
 * (https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html).
 */
export const snsEnvelope = z.looseObject({
	Type: line,
	MessageId: line.min(1),
	TopicArn: line.min(1),
	Subject: line.nullish(),
	Message: z.string(),
	Timestamp: line,
	Token: line.optional(),
	// A topic's name and a token fit into it several times.
	SubscribeURL: line.max(2048).optional(),
});
export type SnsEnvelope = z.infer<typeof snsEnvelope>;

const proof = z.looseObject({
	SignatureVersion: z.enum(['1', '2']),
	// RSA keys of up to 6144 bits.
	Signature: z
		.string()
		.max(1024)
		.regex(/^[A-Za-z0-9+/]+={0,2}$/),
	SigningCertURL: z.string().max(512),
});

const SIGNED_OR_PROOF = [...Object.keys(snsEnvelope.shape), ...Object.keys(proof.shape)];

const DIGESTS = { '1': 'sha1', '2': 'sha256' } as const;

/** The domain of each partition's services (https://docs.aws.amazon.com/general/latest/gr/sns.html). */
const DOMAINS: Readonly<Record<string, string>> = {
	aws: 'amazonaws.com',
	'aws-us-gov': 'amazonaws.com',
	'aws-cn': 'amazonaws.com.cn',
};

/**
 * The origin of SNS for a topic, without anything that could lead elsewhere: no user, port, or escape. A similar host
 * may belong to a stranger: `sns.s3-us-west-2.amazonaws.com` is a bucket called `sns`.
 */
function serviceOf(topic: string): string | undefined {
	const [, partition = '', region = ''] =
		/^arn:([a-z-]+):sns:([a-z]{2,4}(?:-[a-z]+){1,3}-\d{1,2}):\d{12}:[\w.-]+$/.exec(topic) ?? [];
	const domain = Object.hasOwn(DOMAINS, partition) ? DOMAINS[partition] : undefined;
	return domain && `https://sns.${region}.${domain}/`;
}

/** The path and query of a certificate's URL, and of one that confirms a subscription. */
const CERTIFICATE = /^SimpleNotificationService-[0-9a-f]+\.pem$/;
const CONFIRMATION = /^\?Action=ConfirmSubscription&[^\s\\#]+$/;

function isAt(topic: string, url: string, rest: RegExp): boolean {
	const service = serviceOf(topic);
	return service !== undefined && url.startsWith(service) && rest.test(url.slice(service.length));
}

/**
 * Verifies an Amazon SNS message (https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html). The
 * secrets are the ARNs of the topics that are expected: a signature proves only that Amazon sent a message, and any
 * account can have a topic. The certificate is asked for last, so that only a sender who knows a topic can make the
 * host fetch it.
 *
 * The timestamp is that of the publication, also when SNS sends again. By default it does so three times, 20 s apart; a
 * longer delivery policy, of an hour at most, needs a tolerance to match
 * (https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html).
 */
export function verifySns(
	request: RawRequest,
	topics: readonly string[],
	{ now, toleranceS, found }: ReceiveOptions,
): Verification {
	const payload = membersOf(request.body, SIGNED_OR_PROOF, request.body.length);
	if (payload === undefined) return refuse('malformed_body');
	const signed = proof.safeParse(payload);
	if (!signed.success) return refuse('malformed_signature');
	const { SignatureVersion, Signature, SigningCertURL: url } = signed.data;
	const parsed = snsEnvelope.safeParse(payload);
	if (!parsed.success) return refuse('bad_signature');
	const envelope = parsed.data;
	if (!topics.some((topic) => sameSecret(envelope.TopicArn, topic))) return refuse('bad_signature');
	if (!isAt(envelope.TopicArn, url, CERTIFICATE)) return refuse('bad_signature');
	const untimely = refuseTime(envelope.Timestamp, now, toleranceS);
	if (untimely) return refuse(untimely);

	const pem = found?.certificates?.[url];
	if (pem === undefined) return { ...refuse('bad_signature'), need: { fact: 'certificate', url } };
	const key = publicKeyOf(pem, now);
	const signedMembers = signedMembersOf(envelope);
	const content = signedContent(signedMembers);
	const signature = Buffer.from(Signature, 'base64');
	if (!key || !verify(DIGESTS[SignatureVersion], Buffer.from(content), key, signature)) {
		return refuse('bad_signature');
	}
	// Calling another URL would confirm a stranger's topic.
	const isSetup = envelope.Type === 'SubscriptionConfirmation';
	if (isSetup && confirmationOf(envelope) === undefined) return refuse('malformed_body');
	const signedAt = Date.parse(envelope.Timestamp);
	// Only these members are signed; a forger could change the rest of the body.
	const said = Object.fromEntries(signedMembers);
	return { ok: true, request, id: envelope.MessageId, signedAt, signed: content, payload: said };
}

/** The URL that confirms a subscription; undefined when it is not Amazon's. */
export function confirmationOf({ SubscribeURL: url, TopicArn }: SnsEnvelope): string | undefined {
	return url !== undefined && isAt(TopicArn, url, CONFIRMATION) ? url : undefined;
}

/** The members that SNS signs, in the order of their bytes; absent ones are left out. */
function signedMembersOf(envelope: SnsEnvelope): readonly (readonly [string, string])[] {
	const names =
		envelope.Type === 'Notification'
			? (['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'] as const)
			: ([
					...(['Message', 'MessageId', 'SubscribeURL', 'Timestamp'] as const),
					...(['Token', 'TopicArn', 'Type'] as const),
				] as const);
	return names.flatMap((name) => {
		const value = envelope[name];
		return typeof value === 'string' ? [[name, value] as const] : [];
	});
}

/** Names and values, each ended by a line break. */
function signedContent(members: readonly (readonly [string, string])[]): string {
	return members.map(([name, value]) => `${name}\n${value}\n`).join('');
}

/** The RSA key of a certificate that is valid now, in milliseconds. */
function publicKeyOf(pem: string, now: number): KeyObject | undefined {
	const certificate = certificateOf(pem);
	const valid = certificate && certificate.from <= now && now <= certificate.to;
	return valid ? certificate.key : undefined;
}

interface Certificate {
	readonly key: KeyObject;
	/** Milliseconds since 1970, as is `to`. */
	readonly from: number;
	readonly to: number;
}

/** Kept, since reading a certificate takes longer than verifying by its key. */
const certificateOf = memoized((pem: string): Certificate | undefined => {
	try {
		const { validFrom, validTo, publicKey: key } = new X509Certificate(pem);
		return key.asymmetricKeyType === 'rsa'
			? { key, from: Date.parse(validFrom), to: Date.parse(validTo) }
			: undefined;
	} catch {
		// The URL did not return a certificate.
		return undefined;
	}
});
