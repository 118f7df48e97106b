import {
	type Directory,
	firstCharacters,
	type Incident,
	missingAnswers,
	OVER,
} from '@sureping/engine';
import type { LinkParty } from '../../answer-links.ts';
import type { AnswerAction } from '../../incident-answers.ts';
import { documentOf } from './document.ts';
import { markup, type Markup } from './markup.ts';
import { Moments } from './moments.ts';
import { answerText, type NameOf, nextText, STATUSES } from './words.ts';

/** Characters of a message that the page shows. */
const MOST_MESSAGE = 4_000;
/** Answers that the page lists, the newest first. */
const MOST_ANSWERS = 10;

export interface IncidentView {
	readonly incident: Incident;
	/** The party of the link. */
	readonly party: LinkParty;
	/** An answer that was recorded just now. */
	readonly done?: AnswerAction;
	readonly directory: Pick<Directory, 'contact'>;
	/** Milliseconds since 1970. */
	readonly now: number;
}

/** The page of a link: the incident, its answers, and the buttons to answer it unless it is over. */
export function incidentPage({ incident, party, done, directory, now }: IncidentView): string {
	const nameOf: NameOf = (id) => directory.contact(id)?.name ?? id;
	const zone = party.kind === 'contact' ? directory.contact(party.contactId)?.time_zone : undefined;
	const moments = new Moments(now, zone);
	const { status, content, openedAt, trail } = incident;
	const { text, colour } = STATUSES[status];
	const subject = content.subject ?? 'Incident';
	const next = nextText(incident, (ms) => moments.text(ms));
	const answers = trail
		.flatMap((entry) => {
			const text = answerText(entry, nameOf);
			return text === undefined
				? []
				: [markup`<li>${text}<br><span class="soft">${moments.text(entry.at)}</span></li>\n`];
		})
		.slice(-MOST_ANSWERS)
		.reverse();
	return documentOf(
		`${text}: ${subject}`,
		markup`${done && resultOf(incident, done, nameOf)}
<p class="status ${colour}">${text}</p>
<h1>${subject}</h1>
<div class="message" tabindex="0">${excerpt(content.message)}</div>
<p class="soft">Opened ${moments.text(openedAt)}</p>
${next === undefined ? undefined : markup`<p class="soft">${next}</p>`}
${OVER.has(status) ? IT_IS_OVER : formFor(incident, party, nameOf)}
${answers.length === 0 ? undefined : markup`<h2>Answers</h2>\n<ol>\n${answers}</ol>`}`,
	);
}

const IT_IS_OVER = markup`<p>This incident is over. There is nothing left to do here.</p>`;

function excerpt(message: string): string {
	const start = firstCharacters(message, MOST_MESSAGE);
	return start.length < message.length ? `${start}…` : start;
}

function resultOf(incident: Incident, done: AnswerAction, nameOf: NameOf): Markup {
	const missing = done === 'acknowledge' ? missingAnswers(incident, incident.answers) : [];
	const isWaiting = incident.status === 'open' && missing.length > 0;
	const text = isWaiting
		? `Recorded. It stays open until ${missing.map(nameOf).join(', ')} answered as well.`
		: done === 'acknowledge'
			? 'Recorded: acknowledged.'
			: 'Recorded: resolved.';
	return markup`<p class="result ${isWaiting ? 'amber' : 'green'}" role="status">${text}</p>`;
}

/** Without an action, the form goes to the page's own URL, whatever path a proxy has put before it. */
function formFor({ status }: Incident, party: LinkParty, nameOf: NameOf): Markup {
	const recorded =
		party.kind === 'contact'
			? markup`Your answer is recorded as that of <strong>${nameOf(party.contactId)}</strong>.`
			: markup`Your answer is recorded as one from <strong>${party.channel}</strong>, without a name.`;
	const isTaken = status === 'acknowledged';
	return markup`<form method="post">
<button name="action" value="acknowledge" class="${isTaken ? '' : 'primary'}">Acknowledge</button>
<button name="action" value="resolve" class="${isTaken ? 'primary' : ''}">Resolve</button>
</form>
<p class="soft">Acknowledge: you take care of it, and nobody else is paged. Resolve: it is over. ${recorded}</p>`;
}
