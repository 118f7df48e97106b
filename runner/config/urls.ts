import { isAddress, specialKind } from '../transport/address-kind.ts';
import { hostOf, isPrivateName } from '../transport/host-name.ts';
import type { Mistake } from '../words/index.ts';
import type { ConfigFile } from './settings/index.ts';

/** Hosts of each vendor's own `webhook_url`, as its documentation shows it. */
const VENDOR_HOSTS: Readonly<Record<string, { vendor: string; hosts: readonly string[] }>> = {
	slack: { vendor: 'Slack', hosts: ['hooks.slack.com', 'hooks.slack-gov.com'] },
	discord: {
		vendor: 'Discord',
		hosts: ['discord.com', 'discordapp.com', 'ptb.discord.com', 'canary.discord.com'],
	},
};

interface WrittenUrl {
	readonly path: readonly PropertyKey[];
	readonly channel?: string;
	readonly url: URL;
}

function urlsOf({ connections, endpoints }: ConfigFile): readonly WrittenUrl[] {
	return [
		...connections.flatMap(({ channel, ...settings }, i) =>
			Object.entries(settings).flatMap(([name, value]) =>
				/(^|_)url$/.test(name) && typeof value === 'string' && URL.canParse(value)
					? [{ path: ['connections', i, name], channel, url: new URL(value) }]
					: [],
			),
		),
		...endpoints.map(({ url }, i) => ({ path: ['endpoints', i, 'url'], url: new URL(url) })),
	];
}

/** Mail is sent by SMTP; everything else by HTTP. */
const isMail = ({ channel, url }: WrittenUrl): boolean =>
	channel === 'email' && /^smtps?:$/.test(url.protocol);

/** Refuses URLs that the runner cannot call. */
export function refuseUrls(config: ConfigFile, issues: Mistake[]): void {
	for (const written of urlsOf(config)) {
		if (/^https?:$/.test(written.url.protocol) || isMail(written)) continue;
		issues.push({ path: written.path, message: 'must begin with https:// or http://' });
	}
}

/** Warns of URLs that can be called but may be a mistake. Names only the host, as the URL itself may be a secret. */
export function warnOfUrls(config: ConfigFile): readonly string[] {
	return urlsOf(config).flatMap((written) => {
		const { path, channel = '', url } = written;
		const host = hostOf(url);
		if (isMail(written) || isNear(host)) return [];
		const at = path.join('.');
		const own = path.at(-1) === 'webhook_url' ? VENDOR_HOSTS[channel] : undefined;
		return [
			...(own && !own.hosts.includes(host)
				? [
						`${at}: points to ${host}, not to ${own.hosts[0]}; that is right only for a server that accepts ${own.vendor}'s format`,
					]
				: []),
			...(url.protocol === 'http:'
				? [`${at}: goes to ${host} unencrypted, secrets included; use https:// if it can`]
				: []),
		];
	});
}

/** True for this machine and the operator's own network. */
const isNear = (host: string): boolean =>
	isAddress(host) ? specialKind(host) !== undefined : isPrivateName(host);
