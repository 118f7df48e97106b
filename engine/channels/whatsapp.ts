import type { Channel } from './channel.ts';
import { twilioMessages } from './twilio.ts';

export const whatsapp: Channel = {
	id: 'whatsapp',
	title: 'WhatsApp',
	services: [twilioMessages('whatsapp:')],
};
