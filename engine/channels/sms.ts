import type { Channel } from './channel.ts';
import { otpiq } from './otpiq.ts';
import { twilioMessages } from './twilio.ts';

export const sms: Channel = { id: 'sms', title: 'SMS', services: [twilioMessages(''), otpiq] };
