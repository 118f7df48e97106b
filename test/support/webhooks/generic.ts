import type { GenericRules } from '@sureping/engine';
import { createHmac } from 'node:crypto';
import { type Scene, SCENE_URL, SIGNED_AT } from './scene.ts';

const SECRET = 'shared secret';
const BODY = JSON.stringify({ event: 'ok', data: { id: 'm-1', to: '+31612345678' } });

export const RULES: GenericRules = {
	algorithm: 'sha256',
	encoding: 'hex',
	signatureHeader: 'x-acme-signature',
	signaturePrefix: 'v1=',
	timestampHeader: 'x-acme-timestamp',
	signedContent: '{timestamp}.{body}',
	secretEncoding: 'utf8',
	fields: { type: 'event', notificationId: 'data.id', recipient: 'data.to' },
	types: { ok: 'notification.delivered' },
};

export const generic: Scene = {
	provider: 'generic',
	title: 'Generic',
	secret: SECRET,
	otherSecret: 'other secret',
	body: BODY,
	signatureHeader: 'x-acme-signature',
	covers: { body: true, timestamp: true },
	options: { generic: RULES },
	sign({ body = BODY, secret = SECRET, at = SIGNED_AT, url = SCENE_URL } = {}) {
		const bytes = Buffer.from(body);
		const digest = createHmac('sha256', secret).update(`${at}.`).update(bytes).digest('hex');
		return {
			method: 'POST',
			url,
			headers: {
				'content-type': 'application/json',
				'x-acme-signature': `v1=${digest}`,
				'x-acme-timestamp': String(at),
			},
			body: bytes,
		};
	},
};

/** A header that is the secret itself, which covers nothing else. */
export const genericStatic: Scene = {
	...generic,
	title: 'Generic, a secret as it is',
	covers: { body: false, timestamp: false },
	signatureHeader: 'authorization',
	options: {
		generic: {
			algorithm: 'none',
			encoding: 'hex',
			signatureHeader: 'Authorization',
			signaturePrefix: 'Bearer ',
			signedContent: '',
			secretEncoding: 'utf8',
			fields: RULES.fields,
			types: RULES.types,
		},
	},
	sign({ body = BODY, secret = SECRET, url = SCENE_URL } = {}) {
		return {
			method: 'POST',
			url,
			headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
			body: Buffer.from(body),
		};
	},
};

/** Time and signature in one header, as Convoy's advanced signatures (https://getconvoy.io/docs/product-manual/signatures). */
export const genericParts: Scene = {
	...generic,
	title: 'Generic, a list in one header',
	signatureHeader: 'x-convoy-signature',
	options: {
		generic: {
			algorithm: 'sha256',
			encoding: 'hex',
			signatureHeader: 'x-convoy-signature',
			signaturePart: 'v1',
			timestampPart: 't',
			signedContent: '{timestamp},{body}',
			secretEncoding: 'utf8',
			fields: { ...RULES.fields, subtype: 'data.why', bounceType: 'data.permanent' },
			types: { ...RULES.types, 'ok/later': 'notification.retrying' },
			bounceTypes: { true: 'hard', false: 'soft' },
		},
	},
	sign({ body = BODY, secret = SECRET, at = SIGNED_AT, url = SCENE_URL } = {}) {
		const bytes = Buffer.from(body);
		const digest = createHmac('sha256', secret).update(`${at},`).update(bytes).digest('hex');
		return {
			method: 'POST',
			url,
			headers: {
				'content-type': 'application/json',
				'x-convoy-signature': `t=${at},v1=${digest}`,
			},
			body: bytes,
		};
	},
};
