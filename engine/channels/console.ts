import { z } from 'zod/v4';
import { type Channel, service } from './channel.ts';

/** Prints the message where the runner's output goes: for trying things out, and as the last fallback. */
export const consoleChannel: Channel = {
	id: 'console',
	title: 'Console',
	docs: {
		needs: 'nothing',
		recipient: 'any text, printed before the message; by default the name of the connection',
		limits: 'none',
		delivered: 'it was printed',
	},
	services: [
		service({
			key: 'console',
			title: 'Standard output',
			needs: 'console',
			settings: z.strictObject({
				console: z.literal(true).optional().meta({
					description: 'Prints messages to standard output.',
					default: true,
				}),
			}),
			open: (_settings, name) => ({
				defaultRecipient: name,
				refuseRecipient: () => undefined,
				refuseMessage: () => undefined,
				prepare: ({ recipient, subject, text }) => ({
					via: 'console',
					line: `${recipient}: ${subject ? `${subject}: ` : ''}${text}`,
				}),
				check: () => ({ via: 'none', found: { result: 'ok' } }),
			}),
		}),
	],
};
