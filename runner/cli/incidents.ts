import { INCIDENT_STATUSES } from '@sureping/engine';
import type { Command } from 'commander';
import type { z } from 'zod/v4';
import type {
	answeredSchema,
	incidentListSchema,
	incidentSchema,
} from '../http/routes/incidents/schemas.ts';
import { sourceText } from './about.ts';
import { show, table } from './output.ts';
import { call, type RemoteOptions, withRemote } from './remote.ts';

type Incident = z.infer<typeof incidentSchema>;

interface ListOptions extends RemoteOptions {
	readonly status?: string;
	readonly dedupKey?: string;
	readonly after?: string;
	readonly limit: string;
}

interface AnswerOptions extends RemoteOptions {
	readonly by?: string;
	readonly note?: string;
}

/** `sureping incidents …` and `sureping ack`: shows incidents and answers them. */
export function addIncidents(program: Command): void {
	const incidents = program.command('incidents').description('show and answer incidents');

	withRemote(
		incidents
			.command('list')
			.description('list incidents, newest first')
			.option('--status <status>', `only these: ${INCIDENT_STATUSES.join(', ')}`)
			.option('--dedup-key <key>', 'only those with this key')
			.option('--after <cursor>', 'continue after a page')
			.option('--limit <count>', 'maximum number of entries, up to 1000', '20'),
	).action(async ({ status, dedupKey, after, limit, ...remote }: ListOptions) => {
		const query = new URLSearchParams();
		const asked = { status, dedup_key: dedupKey, after, limit };
		for (const [name, value] of Object.entries(asked)) {
			if (value !== undefined) query.set(name, value);
		}
		const path = `/incidents?${query.toString()}`;
		const found = await call<z.infer<typeof incidentListSchema>>(remote, 'GET', path);
		const rows = found.incidents.map((one) => [
			one.id,
			one.status,
			one.opened_at,
			one.dedup_key ?? '',
			one.next ? `${nextText(one.next)} at ${one.next.at}` : '',
			one.subject ?? one.message,
		]);
		const head = ['ID', 'STATUS', 'OPENED', 'KEY', 'NEXT', 'ABOUT'];
		const more = found.next_cursor ? [`More with --after ${found.next_cursor}`] : [];
		show(remote.json, found, ...table([head, ...rows]), ...more);
	});

	withRemote(
		incidents
			.command('get')
			.description('show an incident, its pages and everything that happened')
			.argument('<id>'),
	).action(async (id: string, options: RemoteOptions) => {
		const found = await call<Incident>(options, 'GET', pathOf(id));
		show(options.json, found, ...linesOf(found));
	});

	addAnswer(
		incidents.command('resolve').description('say that an incident is over: nobody is paged'),
		'resolve',
	);
	addAnswer(
		incidents.command('escalate').description('start the next step of an incident now'),
		'escalate',
	);
	addAnswer(
		program.command('ack').description('acknowledge an incident: nobody else is paged'),
		'acknowledge',
	);
}

function addAnswer(command: Command, action: 'acknowledge' | 'resolve' | 'escalate'): void {
	withRemote(
		command
			.argument('<id>')
			.option('--by <name>', 'the id of a contact, or any name (default: the API key)')
			.option('--note <text>', 'a remark for the trail'),
	).action(async (id: string, { by, note, ...remote }: AnswerOptions) => {
		const path = `${pathOf(id)}/${action}`;
		const answered = await call<z.infer<typeof answeredSchema> | Incident>(remote, 'POST', path, {
			by,
			note,
		});
		const missing = 'waiting_for' in answered ? answered.waiting_for : [];
		const wait = missing.length > 0 ? `, waiting for ${missing.join(', ')}` : '';
		show(remote.json, answered, `${answered.id} is ${answered.status}${wait}`);
	});
}

const nextText = ({ kind, step }: NonNullable<Incident['next']>): string =>
	kind === 'step' ? `step ${step}` : 'exhausted';

/** An incident for a terminal: its text and status, its pages, and its trail in order. */
function linesOf(incident: Incident): readonly string[] {
	const { id, status, dedup_key, policy, opened_at, ended_at, subject, message, source } = incident;
	const { next, triggers, waiting_for, acknowledged_until, pages, pending, trail } = incident;
	const facts = {
		id,
		status,
		key: dedup_key,
		policy,
		opened: opened_at,
		ended: ended_at,
		next: next && `${nextText(next)} at ${next.at}`,
		'acknowledged until': acknowledged_until,
		'waiting for': waiting_for.length > 0 ? waiting_for.join(', ') : undefined,
		'further triggers': triggers > 0 ? String(triggers) : undefined,
		subject,
		message,
		source: source && sourceText(source),
	};
	const head = Object.entries(facts).flatMap(([name, text]) =>
		text === undefined ? [] : [[name, text]],
	);
	const paged = [
		...pages.map((page) => [...partyText(page), page.notification_id]),
		...pending.map((page) => [...partyText(page), 'to come']),
	];
	const happened = trail.map(({ at, action, step, by, via, note }) => [
		at,
		action,
		step === undefined ? '' : `step ${step}`,
		by ?? '',
		via ?? '',
		note ?? '',
	]);
	return [...table(head), '', ...table(paged), '', ...table(happened)];
}

const partyText = ({
	at,
	step,
	contact_id: contact,
	channels,
}: Incident['pending'][number]): readonly string[] => [
	at,
	`step ${step}`,
	contact ?? '',
	channels.join(', '),
];

const pathOf = (id: string): string => `/incidents/${encodeURIComponent(id)}`;
