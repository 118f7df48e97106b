import { contentsOf } from '../../site/contents.ts';
import { anchorOf, siteLink } from '../../site/links.ts';

const REPOSITORY = 'https://github.com/sureping/sureping/blob/main';

it.each([
	['runner/api.md#calls', 'README.md', 'runner/api.md#calls'],
	['../concepts.md', 'n8n/send.md', '../concepts.md'],
	['#options', 'n8n/send.md', '#options'],
	['https://example.com/a#b', 'n8n/send.md', 'https://example.com/a#b'],
	['mailto:hello@sureping.dev', 'n8n/send.md', 'mailto:hello@sureping.dev'],
	['README.md#n8n', 'quick-start.md', 'index.md#n8n'],
	['../README.md', 'n8n/send.md', '../index.md'],
	['../CHANGELOG.md', 'README.md', `${REPOSITORY}/CHANGELOG.md`],
	['../../CONTRIBUTING.md#rules', 'design/architecture.md', `${REPOSITORY}/CONTRIBUTING.md#rules`],
	['../README.md', 'README.md', `${REPOSITORY}/README.md`],
])('%s on docs/%s leads to %s', (href, page, link) => {
	expect(siteLink(href, page)).toBe(link);
});

it('a heading has the anchor that GitHub gives it', () => {
	expect(anchorOf('Why was a webhook not sent?')).toBe('why-was-a-webhook-not-sent');
	expect(anchorOf('1. Accept')).toBe('1-accept');
	expect(anchorOf('As an agent’s `tool`')).toBe('as-an-agents-tool');
});

it('the sidebar has each page once, where the table of contents names it first', () => {
	const contents = [
		'# Documentation',
		'[Before](before.md)',
		'## One',
		'- [A](a.md): with words',
		'- [Outside](../CHANGELOG.md)',
		'## Two',
		'- [A again](a.md#part), [B](b.md)',
		'- [B](two/b.md)',
		'## Empty',
		'',
	].join('\n');
	expect(contentsOf(contents)).toEqual([
		{ title: 'One', pages: [{ title: 'A', path: 'a.md' }] },
		{ title: 'Two', pages: [{ title: 'B', path: 'two/b.md' }] },
	]);
});
