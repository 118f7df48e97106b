import { randomBytes } from 'node:crypto';
import { MADE_BY } from './made-by.ts';

/** The secrets that `init` makes. */
export interface Secrets {
	/** API key for n8n and for the command line. */
	readonly key: string;
	/** Signs the webhooks of sends with a `callback_url`. */
	readonly callbackSecret: string;
}

/** Fresh secrets of 256 bits each. */
export function newSecrets(): Secrets {
	const random = (): string => randomBytes(32).toString('base64url');
	return { key: `sp_live_${random()}`, callbackSecret: `whsec_${random()}` };
}

/** The file of variables beside the config: the secrets that the config names. */
export function envFile({ key, callbackSecret }: Secrets): string {
	return `${MADE_BY} Secrets of the runner: sureping.yaml names them as \${NAME}. Keep this file to yourself.

# API key for n8n's credential, and for the command line.
SUREPING_KEY=${key}

# Signs the webhooks of sends with a callback_url.
CALLBACK_SECRET=${callbackSecret}

# Of the connections in sureping.yaml.
#SLACK_WEBHOOK_URL=https://hooks.slack.com/services/T…/B…/…
#TELEGRAM_BOT_TOKEN=
#DISCORD_WEBHOOK_URL=https://discord.com/api/webhooks/…/…
#SMTP_PASS=
#TWILIO_TOKEN=
`;
}
