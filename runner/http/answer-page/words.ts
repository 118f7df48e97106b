import type { AnswerWay, Incident, IncidentStatus, TrailEntry } from '@sureping/engine';

/** Each state in a few words, and the colour that it has on the page. */
export const STATUSES: Readonly<
	Record<IncidentStatus, { readonly text: string; readonly colour: string }>
> = {
	open: { text: 'Open', colour: 'red' },
	acknowledged: { text: 'Acknowledged', colour: 'amber' },
	exhausted: { text: 'Nobody answered', colour: 'red' },
	resolved: { text: 'Resolved', colour: 'green' },
	cancelled: { text: 'Cancelled', colour: 'grey' },
};

const WAYS: Readonly<Record<AnswerWay, string>> = {
	api: 'over the API',
	link: 'by link',
	telegram: 'in Telegram',
	cli: 'on the command line',
	timeout: 'by itself',
	send: 'with a send',
};

const ACTIONS: Readonly<Partial<Record<TrailEntry['action'], string>>> = {
	acknowledged: 'acknowledged',
	unacknowledged: 'opened again',
	escalated: 'escalated',
	resolved: 'resolved',
	cancelled: 'cancelled',
};

/** The name of a contact, by its id. */
export type NameOf = (contactId: string) => string;

const KEY_OWNER = 'key:';

/** The name behind `by`: a contact's, an API key's, or the one that was given. */
export function nameOfParty(by: string, nameOf: NameOf): string {
	return by.startsWith(KEY_OWNER) ? `API key ${by.slice(KEY_OWNER.length)}` : nameOf(by);
}

/** An answer in the trail as a sentence; undefined for entries that are none. */
export function answerText(
	{ action, by, via, channel, note }: TrailEntry,
	nameOf: NameOf,
): string | undefined {
	const done = ACTIONS[action];
	if (done === undefined) return undefined;
	const who = by === undefined ? channel && `Somebody in ${channel}` : nameOfParty(by, nameOf);
	const what = who === undefined ? done.charAt(0).toUpperCase() + done.slice(1) : `${who} ${done}`;
	const way = via === undefined ? '' : ` ${WAYS[via]}`;
	return `${what}${way}${note === undefined ? '' : `: ${note}`}`;
}

/** The step that comes next, or the end, unless somebody answers. `at` writes a time. */
export function nextText(
	{ status, next, policy, unacknowledgeAt }: Incident,
	at: (ms: number) => string,
): string | undefined {
	if (status === 'acknowledged') {
		return unacknowledgeAt === undefined
			? 'Nobody else is paged.'
			: `Nobody else is paged. It opens again ${at(unacknowledgeAt)} unless it is resolved.`;
	}
	if (status !== 'open' || !next) return undefined;
	if (next.kind === 'exhausted') return `The last step was taken. Its time ends ${at(next.at)}.`;
	const round = policy.repeat > 0 ? `, round ${next.round + 1} of ${policy.repeat + 1}` : '';
	return `Next: step ${next.step} of ${policy.steps.length}${round}, ${at(next.at)}, unless somebody answers.`;
}
