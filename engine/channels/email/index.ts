import type { Channel } from '../channel.ts';
import { mailgun } from './mailgun.ts';
import { postmark } from './postmark.ts';
import { resend } from './resend.ts';
import { sendgrid } from './sendgrid.ts';
import { smtp } from './smtp.ts';

export const email: Channel = {
	id: 'email',
	title: 'E-mail',
	docs: {
		needs:
			'`from`, and `smtp`, `resend`, `sendgrid`, `postmark` or `mailgun` ([settings](#mail-services))',
		recipient: 'an e-mail address',
		limits: "the service's",
		delivered: 'the mail server or service took the mail, not that it reached the mailbox',
	},
	services: [smtp, resend, sendgrid, postmark, mailgun],
};
