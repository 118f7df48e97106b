import { readFileSync } from 'node:fs';
import { sublimeSearch } from '@n8n/utils/dist/search/sublime-search';
import { PollingTrigger } from '../../nodes/PollingTrigger/PollingTrigger.node.ts';
import { SendNotification } from '../../nodes/SendNotification/SendNotification.node.ts';
import { WebhookTrigger } from '../../nodes/WebhookTrigger/WebhookTrigger.node.ts';

const NODES = { SendNotification, WebhookTrigger, PollingTrigger };
type Name = keyof typeof NODES;

interface Codex {
	readonly alias: readonly string[];
	readonly resources: Readonly<Record<string, readonly { readonly url: string }[]>>;
}
const NAMES = Object.keys(NODES) as Name[];
// Our own files.
const codexOf = (name: Name): Codex =>
	JSON.parse(readFileSync(`nodes/${name}/${name}.node.json`, 'utf8')) as Codex;

/** The nodes as n8n's panel searches them: by name without its last word "Trigger", and by the words of the codex file. */
const ITEMS = NAMES.map((name) => {
	const { displayName } = new NODES[name]().description;
	const { alias } = codexOf(name);
	return {
		name,
		properties: {
			displayName: displayName.replace(' Trigger', ''),
			codex: { alias: [...alias, displayName] },
		},
	};
});

/**
 * Names of the nodes that n8n's own search ranks highest; several if they rank alike. n8n adds each node's popularity, which
 * is the same for all of ours.
 */
function best(text: string): readonly Name[] {
	const found = sublimeSearch(text.toLowerCase(), ITEMS);
	return found
		.filter(({ score }) => score === found[0]?.score)
		.map(({ item }) => item.name)
		.sort();
}

const ALL = [...NAMES].sort();
const TRIGGERS: readonly Name[] = ['PollingTrigger', 'WebhookTrigger'];

/** A word that somebody types who does not know this package, and the nodes that should answer. */
const SOUGHT: readonly (readonly [string, readonly Name[]])[] = [
	['sureping', ALL],
	['alert', ['SendNotification']],
	['page', ['SendNotification']],
	['notify', ['SendNotification']],
	['SMS', ['SendNotification']],
	['OTP', ['SendNotification']],
	['one-time code', ['SendNotification']],
	['fallback', ['SendNotification']],
	['retry', ['SendNotification']],
	['delivery report', TRIGGERS],
	['webhook', ['WebhookTrigger']],
	['send notification', ['SendNotification']],
];

describe('n8n’s panel', () => {
	it.each(SOUGHT)('answers "%s" with %j', (text, nodes) => {
		expect(best(text)).toEqual(nodes);
	});

	it.each(['notification', 'runner', 'slack', 'twilio'])(
		'has more than one node for "%s"',
		(text) => {
			const found = sublimeSearch(text, ITEMS).map(({ item }) => item.name);
			expect(found).toEqual(expect.arrayContaining(['SendNotification', 'WebhookTrigger']));
		},
	);

	it('shows nothing of ours for a word of another trade', () => {
		expect(best('spreadsheet')).toEqual([]);
	});

	it.each(NAMES)('has no word of %s twice', (name) => {
		const words = codexOf(name).alias.map((word) => word.toLowerCase());
		expect(words.filter((word, at) => words.indexOf(word) !== at)).toEqual([]);
	});

	it.each(NAMES)('leads from %s to its page and to how its credential is made', (name) => {
		const { primaryDocumentation, credentialDocumentation } = codexOf(name).resources;
		expect(primaryDocumentation?.length).toBe(1);
		expect(credentialDocumentation?.length).toBe(1);
	});
});
