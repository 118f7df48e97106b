import { stringify } from 'yaml';
import { MADE_BY } from './made-by.ts';

export interface ConfigFacts {
	/** Hosts of n8n's webhook URLs, which the runner may call. */
	readonly allowHosts: readonly string[];
	/** Names, besides the public one, by which n8n calls the runner. */
	readonly hosts: readonly string[];
	readonly publicUrl?: string;
}

/** The runner's config. It holds no secret: it names the variables of the `.env` beside it. */
export function configFile({ allowHosts, hosts, publicUrl }: ConfigFacts): string {
	return `${MADE_BY} The config of the Sureping runner. \${NAME} is a variable of the .env beside it.
# Every setting: https://github.com/sureping/sureping/blob/main/docs/runner/configuration.md

# The URL at which others reach the runner: providers that report to it, and people who click a link.
${publicUrl === undefined ? '#public_url: https://ping.example.com' : `public_url: ${scalar(publicUrl)}`}

api_keys:
  # The key of n8n's credential "Sureping Runner API".
  - name: n8n
    key: '\${SUREPING_KEY}'
    scopes: [send, read, endpoints]
    webhook_secret: '\${CALLBACK_SECRET}'

# Remove the "#" of what you have, put its secrets into .env, and start the runner again.
# More: https://github.com/sureping/sureping/blob/main/docs/runner/channels.md
connections:
  # Prints messages to the runner's output. A first send works at once.
  - name: terminal
    channel: console
  #- name: ops
  #  channel: slack
  #  webhook_url: '\${SLACK_WEBHOOK_URL}'
  #- name: bot
  #  channel: telegram
  #  bot_token: '\${TELEGRAM_BOT_TOKEN}'
  #- name: team
  #  channel: discord
  #  webhook_url: '\${DISCORD_WEBHOOK_URL}'
  #- name: mail
  #  channel: email
  #  smtp: { host: smtp.example.com, port: 587, user: ops, pass: '\${SMTP_PASS}' }
  #  from: 'Ops <ops@example.com>'
  #- name: phone
  #  channel: sms
  #  twilio: { account_sid: AC00000000000000000000000000000000, auth_token: '\${TWILIO_TOKEN}' }
  #  from: '+15005550006'

security:
  # The host in n8n's webhook URLs, so that the runner may call it.
  allow_hosts: ${list(allowHosts)}
${hosts.length === 0 ? '' : `  # Names by which n8n calls the runner.\n  hosts: ${list(hosts)}\n`}`;
}

const scalar = (text: string): string =>
	stringify(text, { lineWidth: 0, singleQuote: true }).trimEnd();

const list = (items: readonly string[]): string => `[${items.map(listed).join(', ')}]`;

/** In a list, commas and brackets end an item without quotes. */
const listed = (item: string): string =>
	/^[a-z][a-z0-9-]*(\.[a-z0-9-]+)*$/.test(item) ? scalar(item) : `'${item.replaceAll("'", "''")}'`;
