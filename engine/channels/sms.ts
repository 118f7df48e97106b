import type { Channel } from './channel.ts';
import { otpiq } from './otpiq.ts';
import { twilioMessages } from './twilio.ts';

export const sms: Channel = {
	id: 'sms',
	title: 'SMS',
	docs: {
		needs: '`from` and `twilio`, or `otpiq` ([settings](#sms-and-whatsapp-services))',
		recipient: 'a phone number (`+4915112345678`)',
		limits: 'Twilio 1,600 characters',
		delivered: 'the service took the message; with [`inbound`](inbound.md), the phone has it',
	},
	services: [twilioMessages(''), otpiq],
};
