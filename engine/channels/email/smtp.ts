import { z } from 'zod/v4';
import type { MailReply, SmtpServer, TransportFailure } from '../../ports.ts';
import { type Outcome, service } from '../channel.ts';
import {
	classifyTransportFailure,
	deliveredByService,
	permanentFailure,
	transientFailure,
} from '../http-outcome.ts';
import { refuseRecipient, subjectLine } from './address.ts';

/** Mail through the operator's own SMTP server. Its 250 says that the relay took the mail, not that it arrived. */
export const smtp = service({
	key: 'smtp',
	title: 'SMTP',
	needs: 'smtp',
	settings: z.strictObject({
		smtp: z.strictObject({
			host: z.string().min(1),
			port: z.int().min(1).max(65_535).default(587),
			secure: z.boolean().default(false),
			user: z.string().optional(),
			pass: z.string().optional(),
		}),
		from: z.string().min(3),
		/** `smtp://host:port` or `smtps://host:port`: another server in place of `smtp`'s. */
		base_url: z.url({ protocol: /^smtps?$/ }).optional(),
	}),
	open({ smtp: own, from, base_url }) {
		const server = rebase(own, base_url);
		return {
			defaultRecipient: undefined,
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
		};
	},
});

function rebase(server: SmtpServer, base: string | undefined): SmtpServer {
	if (base === undefined) return server;
	const { protocol, hostname, port } = new URL(base);
	return {
		...server,
		host: hostname,
		port: port === '' ? server.port : Number(port),
		secure: protocol === 'smtps:',
	};
}

/**
 * RFC 5321 §4.2.1: 4xx is transient, 5xx permanent. RFC 3463 refines a 5xx: class x.1 is about the address (5.1.7 and
 * 5.1.8 about the sender's), 5.2.1 about a mailbox that is switched off, x.7 about policy, of which 5.7.8 and the reply
 * 535 are about our login (RFC 4954 §6); 5.2.2, a full mailbox, may pass.
 */
function classify(reply: MailReply | TransportFailure): Outcome {
	if ('failure' in reply) return classifyTransportFailure('The mail server', reply);
	const { status, text } = reply;
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
