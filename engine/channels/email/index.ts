import type { Channel } from '../channel.ts';
import { mailgun } from './mailgun.ts';
import { postmark } from './postmark.ts';
import { resend } from './resend.ts';
import { sendgrid } from './sendgrid.ts';
import { smtp } from './smtp.ts';

export const email: Channel = {
	id: 'email',
	title: 'E-mail',
	services: [smtp, resend, sendgrid, postmark, mailgun],
};
