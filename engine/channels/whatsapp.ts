import type { Channel } from './channel.ts';
import { twilioMessages } from './twilio.ts';

export const whatsapp: Channel = {
	id: 'whatsapp',
	title: 'WhatsApp',
	docs: {
		needs: '`from` and `twilio`',
		recipient: 'a phone number',
		limits: '1,600 characters',
		delivered: 'the service took the message; with [`inbound`](inbound.md), the phone has it',
	},
	services: [twilioMessages('whatsapp:')],
};
