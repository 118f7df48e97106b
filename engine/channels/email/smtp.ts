import { createPrivateKey } from 'node:crypto';
import { z } from 'zod/v4';
import type { MailReply, SmtpServer, TransportFailure } from '../../ports.ts';
import { type Outcome, service } from '../channel.ts';
import {
	classifyTransportFailure,
	deliveredByService,
	permanentFailure,
	transientFailure,
	works,
} from '../http-outcome.ts';
import { fromSetting, parseMailbox, refuseRecipient, subjectLine } from './address.ts';

/** Nodemailer signs by rsa-sha256, the one algorithm that every verifier has to know (RFC 8301 §3.1). */
function isRsaKey(pem: string): boolean {
	try {
		return createPrivateKey(pem).asymmetricKeyType === 'rsa';
	} catch {
		return false;
	}
}

const dnsName = z
	.string()
	.regex(/^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/, 'must be a DNS name');

/** A domain, or an address literal (RFC 5321 §4.1.3). */
const EHLO_NAME =
	/^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[(?:\d{1,3}(?:\.\d{1,3}){3}|IPv6:[0-9A-Fa-f:.]+)\])$/;

const serverSettings = z.strictObject({
	host: z.string().min(1),
	port: z.int().min(1).max(65_535).default(587),
	secure: z.boolean().default(false),
	/** What the runner calls itself in EHLO: a host name, or an address in brackets. Without it, the domain of `from`. */
	name: z
		.string()
		.regex(
			EHLO_NAME,
			'must be a host name such as "mail.example.com", or an address such as "[192.0.2.1]"',
		)
		.optional(),
	/** Open at once, and with them the mails under way. Servers limit what one client may have; few allow less. */
	max_connections: z.int().min(1).max(100).default(5),
	user: z.string().optional(),
	pass: z.string().optional(),
	tls: z
		.strictObject({
			/** True where there is a login, unless the server is on this machine. */
			required: z.boolean().optional(),
			/** False takes any certificate: for a server of one's own with a self-signed one, where `ca` is too much work. */
			reject_unauthorized: z.boolean().default(true),
			/** PEM. */
			ca: z.string().includes('-----BEGIN CERTIFICATE-----').optional(),
			servername: z.string().min(1).optional(),
		})
		.prefault({}),
	dkim: z
		.strictObject({
			domain: dnsName,
			selector: dnsName,
			private_key: z.string().refine(isRsaKey, 'must be an RSA private key in PEM'),
		})
		.optional(),
});

/**
 * Mail through the operator's own SMTP server. Its 250 says that the relay took the mail, not that it arrived. SMTP has
 * no idempotency: a repeat has the same Message-ID, by which mail systems may drop it. The longest message is the
 * server's own setting, which it names by its SIZE extension and enforces by 552 (RFC 1870 §6).
 */
export const smtp = service({
	key: 'smtp',
	title: 'SMTP',
	needs: 'smtp',
	settings: z.strictObject({
		smtp: serverSettings,
		from: fromSetting,
		/** `smtp://host:port` or `smtps://host:port`: another server in place of `smtp`'s. */
		base_url: z.url({ protocol: /^smtps?$/ }).optional(),
	}),
	open({ smtp: own, from, base_url }) {
		const server = serverOf(rebase(own, base_url), from);
		const classify = (reply: MailReply | TransportFailure): Outcome => classifyReply(reply, server);
		return {
			defaultRecipient: undefined,
			// So that none waits for a connection inside an attempt.
			limits: { concurrency: server.connections },
			refuseRecipient,
			refuseMessage: () => undefined,
			prepare: ({ recipient, subject, text, deliveryId }) => ({
				via: 'smtp',
				server,
				mail: {
					from,
					to: recipient,
					subject: subjectLine(subject, text),
					text,
					messageId: `<${deliveryId}@${server.host}>`,
				},
				classify,
			}),
			check: () => ({
				via: 'smtp',
				server,
				classify(reply) {
					const outcome = classify(reply);
					return outcome.result === 'failed' ? outcome : works();
				},
			}),
		};
	},
});

type ServerSettings = z.infer<typeof serverSettings>;

function rebase(server: ServerSettings, base: string | undefined): ServerSettings {
	if (base === undefined) return server;
	const { protocol, hostname, port } = new URL(base);
	return {
		...server,
		host: hostname,
		port: port === '' ? server.port : Number(port),
		secure: protocol === 'smtps:',
	};
}

function serverOf(
	{ tls, dkim, max_connections, name, ...server }: ServerSettings,
	from: string,
): SmtpServer {
	return {
		...server,
		connections: max_connections,
		name: name ?? senderDomain(from),
		tls: {
			// A password must not leave the machine in the clear because somebody took STARTTLS out of the greeting (RFC 8314 §4.1).
			required: tls.required ?? (server.user !== undefined && !isLoopback(server.host)),
			rejectUnauthorized: tls.reject_unauthorized,
			ca: tls.ca,
			servername: tls.servername,
		},
		...(dkim
			? {
					dkim: {
						domain: dkim.domain,
						selector: dkim.selector,
						privateKey: dkim.private_key,
					},
				}
			: {}),
	};
}

/** A name that others can look up, as far as one can tell: the sender's own domain. */
function senderDomain(from: string): string | undefined {
	const domain = parseMailbox(from)?.email.split('@').at(-1) ?? '';
	// In URLs' form, which is Punycode (RFC 3492).
	const { hostname } = new URL(URL.canParse(`http://${domain}`) ? `http://${domain}` : 'http://x');
	return hostname.includes('.') && EHLO_NAME.test(hostname) ? hostname : undefined;
}

const isLoopback = (host: string): boolean =>
	/^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);

/** What a server said, without the login's password, in case it quotes what it was sent. */
function withoutPassword(text: string, { user = '', pass }: SmtpServer): string {
	if (!pass) return text;
	const inBase64 = (plain: string): string => Buffer.from(plain).toString('base64');
	const forms = [inBase64(`\0${user}\0${pass}`), inBase64(pass), pass];
	return forms.reduce((cleared, form) => cleared.replaceAll(form, '***'), text);
}

/**
 * RFC 5321 §4.2.1: 4xx is transient, 5xx permanent. RFC 3463 refines a 5xx: class x.1 is about the address (5.1.7 and
 * 5.1.8 about the sender's), 5.2.1 about a mailbox that is switched off, x.7 about policy, of which 5.7.8 and the reply
 * 535 are about our login (RFC 4954 §6); 5.2.2, a full mailbox, may pass.
 */
function classifyReply(reply: MailReply | TransportFailure, server: SmtpServer): Outcome {
	if ('failure' in reply) return classifyTransportFailure('The mail server', reply);
	const { status } = reply;
	const text = withoutPassword(reply.text, server);
	if (status >= 200 && status < 300) return deliveredByService;
	const message = `The mail server answered ${status}${text ? `: ${text}` : ''}`;
	// RFC 2034 §3: the enhanced code is the text's first word.
	const enhanced = /^(?:\d{3}[ -])?([245]\.\d{1,3}\.\d{1,3})(?:\s|$)/.exec(text)?.[1];
	if (enhanced === '5.2.2') return transientFailure('SERVICE_UNAVAILABLE', message);
	if (status < 500) return transientFailure('SERVICE_UNAVAILABLE', message);
	if (status === 530 || status === 534 || status === 535 || enhanced === '5.7.8') {
		return permanentFailure('AUTH_FAILED', message);
	}
	const aboutRecipient = enhanced
		? /^5\.1\.(?![78]$)|^5\.2\.1$/.test(enhanced)
		: status === 550 || status === 553;
	return permanentFailure(aboutRecipient ? 'RECIPIENT_REJECTED' : 'MESSAGE_REJECTED', message);
}
