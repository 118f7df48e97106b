import { createHash, generateKeyPairSync, sign } from 'node:crypto';

export interface Certificate {
	/** PEM. */
	readonly key: string;
	readonly cert: string;
}

/** A DER element: tag, length, content (ITU-T X.690 §8.1). */
function der(tag: number, ...content: Buffer[]): Buffer {
	const body = Buffer.concat(content);
	const size = body.length;
	const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
	return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const sequence = (...content: Buffer[]): Buffer => der(0x30, ...content);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const utcTime = (at: Date): Buffer =>
	der(0x17, Buffer.from(`${at.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));

const SHA256_WITH_RSA = sequence(oid('2a864886f70d01010b'), der(0x05));
const COMMON_NAME = oid('550403');
const SUBJECT_ALT_NAME = oid('551d11');

/**
 * A certificate that vouches for itself, for one DNS name and for 127.0.0.1 (RFC 5280 §4.1). Node makes keys but no
 * certificates, and a key in the repository would look like a leak.
 */
export function selfSigned(name: string, now = Date.now()): Certificate {
	const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
	const spki = publicKey.export({ type: 'spki', format: 'der' });
	const names = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(name)))));
	const hosts = sequence(der(0x82, Buffer.from(name)), der(0x87, Buffer.from([127, 0, 0, 1])));
	const day = 86_400_000;
	const content = sequence(
		der(0xa0, der(0x02, Buffer.from([2]))),
		der(
			0x02,
			Buffer.concat([Buffer.from([1]), createHash('sha256').update(spki).digest().subarray(0, 8)]),
		),
		SHA256_WITH_RSA,
		names,
		sequence(utcTime(new Date(now - day)), utcTime(new Date(now + day))),
		names,
		spki,
		der(0xa3, sequence(sequence(SUBJECT_ALT_NAME, der(0x04, hosts)))),
	);
	const signature = sign('sha256', content, privateKey);
	const whole = sequence(content, SHA256_WITH_RSA, der(0x03, Buffer.from([0]), signature));
	const lines = whole.toString('base64').replace(/.{64}/g, '$&\n');
	return {
		key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
		cert: `-----BEGIN CERTIFICATE-----\n${lines.trim()}\n-----END CERTIFICATE-----\n`,
	};
}
