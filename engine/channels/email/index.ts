import type { Channel } from '../channel.ts';
import { resend } from './resend.ts';
import { smtp } from './smtp.ts';

export const email: Channel = {
	id: 'email',
	title: 'E-mail',
	services: [smtp, resend],
};
