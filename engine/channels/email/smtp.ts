import { createPrivateKey } from 'node:crypto';
import { z } from 'zod/v4';
import type { MailReply, SmtpServer, TransportFailure } from '../../ports.ts';
import { type Outcome, service } from '../channel.ts';
import { classifyTransportFailure, works } from '../http-outcome.ts';
import {
	domainOf,
	fromSetting,
	type Mailbox,
	refuseRecipient,
	subjectLine,
	writeMailbox,
} from './address.ts';
import { classifyMailReply } from './smtp-reply.ts';

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
	host: z
		.string()
		.min(1)
		.transform((host) => host.replace(/^\[|\]$/g, ''))
		.meta({ description: 'Host name or address of the server.', examples: ['smtp.example.com'] }),
	port: z.int().min(1).max(65_535).default(587).describe('Port of the server.'),
	secure: z
		.boolean()
		.default(false)
		.describe(
			'TLS from the first byte, as on port 465. Otherwise STARTTLS is used where the server offers it.',
		),
	name: z
		.string()
		.regex(
			EHLO_NAME,
			'must be a host name such as "mail.example.com", or an address such as "[192.0.2.1]"',
		)
		.optional()
		.meta({
			description:
				"Name that the runner gives in EHLO: a host name, or an address in brackets. Default: the domain of `from`, else this machine's name or address.",
			examples: ['mail.example.com'],
		}),
	// Servers limit the connections of one client; few allow less than five.
	max_connections: z
		.int()
		.min(1)
		.max(100)
		.default(5)
		.describe('Connections to the server open at once, and so mails under way at once.'),
	user: z
		.string()
		.optional()
		.meta({
			description: 'User name of the login. Default: none; no login.',
			examples: ['ops'],
		}),
	pass: z
		.string()
		.optional()
		.meta({
			description: 'Password of the login. Default: none.',
			examples: ['${SMTP_PASS}'],
		}),
	tls: z
		.strictObject({
			required: z
				.boolean()
				.optional()
				.meta({
					description:
						'Sends mails over TLS only. Default: true with a login, unless the server is on this machine.',
					examples: [true],
				}),
			reject_unauthorized: z
				.boolean()
				.default(true)
				.describe('Refuses a certificate that cannot be verified.'),
			ca: z
				.string()
				.includes('-----BEGIN CERTIFICATE-----')
				.optional()
				.meta({
					description:
						"Certificate authority of your own, in PEM. Default: the system's and those that Node.js ships.",
					examples: ['${SMTP_CA}'],
				}),
			servername: z
				.string()
				.min(1)
				.optional()
				.meta({
					description: "Name that the server's certificate must have. Default: `host`.",
					examples: ['smtp.example.com'],
				}),
		})
		.prefault({})
		.describe('Encryption of the connection.'),
	dkim: z
		.strictObject({
			domain: dnsName.meta({ description: 'Signing domain.', examples: ['example.com'] }),
			selector: dnsName.meta({
				description: 'Selector of the key in the DNS of the domain.',
				examples: ['sureping'],
			}),
			private_key: z
				.string()
				.refine(isRsaKey, 'must be an RSA private key in PEM')
				.meta({ description: 'RSA key, in PEM.', examples: ['${DKIM_KEY}'] }),
		})
		.optional()
		.describe('Signs mails by DKIM, for a server that does not. Default: not signed.'),
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
		smtp: serverSettings.describe('Mail server.'),
		from: fromSetting,
		base_url: z
			.url({ protocol: /^smtps?$/ })
			.optional()
			.meta({
				description:
					'Server to send to in place of that of `smtp`: `smtp://host:port` or `smtps://host:port`. Default: the one of `smtp`.',
				examples: ['smtp://127.0.0.1:2525'],
			}),
	}),
	open({ smtp: own, from, base_url }) {
		const server = serverOf(moveToServer(own, base_url), from);
		const classify = (reply: MailReply | TransportFailure, now: number): Outcome =>
			classifyReply(reply, server, now);
		return {
			defaultRecipient: undefined,
			// An attempt never waits for a free connection.
			limits: { concurrency: server.connections },
			refuseRecipient,
			refuseMessage: () => undefined,
			prepare: ({ recipient, subject, text, deliveryId }) => ({
				via: 'smtp',
				server,
				mail: {
					from: writeMailbox(from),
					to: recipient,
					subject: subjectLine(subject, text),
					text,
					messageId: `<${deliveryId}@${domainOf(from)}>`,
				},
				classify,
			}),
			check: () => ({
				via: 'smtp',
				server,
				classify(reply, now) {
					const outcome = classify(reply, now);
					return outcome.result === 'failed' ? outcome : works();
				},
			}),
		};
	},
});

type ServerSettings = z.infer<typeof serverSettings>;

function moveToServer(server: ServerSettings, base: string | undefined): ServerSettings {
	if (base === undefined) return server;
	const { protocol, hostname, port } = new URL(base);
	return {
		...server,
		// URLs write an IPv6 address in brackets, sockets take it without (RFC 3986 §3.2.2).
		host: hostname.replace(/^\[|\]$/g, ''),
		port: port === '' ? server.port : Number(port),
		secure: protocol === 'smtps:',
	};
}

function serverOf(
	{ tls, dkim, max_connections, name, ...server }: ServerSettings,
	from: Mailbox,
): SmtpServer {
	return {
		...server,
		connections: max_connections,
		name: name ?? senderDomain(from),
		tls: {
			// A password must not leave the machine in the clear because an attacker removed STARTTLS from the greeting
			// (RFC 8314 §4.1).
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

/** The sender's domain, where it looks like a public host name. */
function senderDomain(from: Mailbox): string | undefined {
	const domain = domainOf(from);
	return domain.includes('.') && EHLO_NAME.test(domain) ? domain : undefined;
}

const isLoopback = (host: string): boolean =>
	/^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);

/** The server's text without the login's password, which it may quote. */
function withoutPassword(text: string, { user = '', pass }: SmtpServer): string {
	if (!pass) return text;
	const inBase64 = (plain: string): string => Buffer.from(plain).toString('base64');
	const forms = [inBase64(`\0${user}\0${pass}`), inBase64(pass), pass];
	return forms.reduce((cleared, form) => cleared.replaceAll(form, '***'), text);
}

function classifyReply(
	reply: MailReply | TransportFailure,
	server: SmtpServer,
	now: number,
): Outcome {
	if ('failure' in reply) return classifyTransportFailure('The mail server', reply);
	return classifyMailReply(reply, withoutPassword(reply.text, server), now);
}
