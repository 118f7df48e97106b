import type { Readable } from 'node:stream';
import type { Mail, SmtpServer } from '@sureping/engine';
import { createTransport } from 'nodemailer';

/** A mail as it goes over a connection. */
export interface Composed {
	readonly from: string;
	readonly to: readonly string[];
	/** The whole mail, written anew by each call. */
	open(): Readable;
}

/** Writes a mail, signed where the connection has a key. */
export function compose(mail: Mail, { dkim }: SmtpServer): Promise<Composed> {
	return new Promise((resolve, reject) => {
		// Nodemailer hands the mail to a transport once it is written; the transport returns it.
		const composer = createTransport({
			name: 'composer',
			version: '1',
			send({ message }, done) {
				const envelope = message.getEnvelope();
				const { from, to } = envelope;
				resolve({ from: from === false ? '' : from, to, open: () => message.createReadStream() });
				done(null, { envelope, messageId: message.messageId() });
			},
		});
		composer
			.sendMail({
				...mail,
				...(dkim
					? {
							dkim: {
								domainName: dkim.domain,
								keySelector: dkim.selector,
								privateKey: dkim.privateKey,
							},
						}
					: {}),
				disableFileAccess: true,
				disableUrlAccess: true,
			})
			.catch(reject);
	});
}
