import { CHANNELS, PROFILES, PROVIDERS } from '@sureping/engine';
import { withTables } from './marked-tables.ts';

const table = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
	[header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** A title, as a link where the page has a section of it. */
function linked(title: string, page: string): string {
	const anchor = title
		.toLowerCase()
		.replaceAll(/[^a-z0-9 -]/g, '')
		.replaceAll(' ', '-');
	return page.includes(`\n## ${title}\n`) ? `[${title}](#${anchor})` : title;
}

const providers = (page: string): string =>
	table(
		['Provider', 'Verified by', 'Events', 'Set up'],
		Object.values(PROVIDERS).map(({ title, docs: { verifiedBy, events, setUp } }) => [
			linked(title, page),
			verifiedBy,
			events,
			setUp,
		]),
	);

const channels = (): string =>
	table(
		['Channel', 'A connection needs', 'A recipient is', 'Limits', '`delivered` means'],
		CHANNELS.map(({ id, docs: { needs, recipient, limits, delivered } }) => [
			`\`${id}\``,
			needs,
			recipient,
			limits,
			delivered,
		]),
	);

function duration(ms: number): string {
	const s = ms / 1000;
	if (s < 60) return `${s} s`;
	return s < 3600 ? `${s / 60} min` : `${s / 3600} h`;
}

const profiles = (): string =>
	table(
		['Profile', 'Signature', 'Events', 'Retries after', 'Acknowledged by'],
		Object.entries(PROFILES).map(
			([
				id,
				{
					docs: { signature, events },
					retry,
				},
			]) => [
				`\`${id}\``,
				signature,
				events,
				retry.delaysMs.map(duration).join(', '),
				`2xx within ${duration(retry.timeoutMs)}`,
			],
		),
	);

/** The pages of the docs with tables generated from the engine's lists, by path. */
export const LIST_PAGES: Readonly<Record<string, (page: string) => string>> = {
	'docs/reference/providers.md': (page) =>
		withTables('docs/reference/providers.md', page, { providers: providers(page) }),
	'docs/runner/channels.md': (page) =>
		withTables('docs/runner/channels.md', page, { channels: channels() }),
	'docs/runner/endpoints.md': (page) =>
		withTables('docs/runner/endpoints.md', page, { profiles: profiles() }),
};
