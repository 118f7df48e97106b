import type { NewAnswer } from '@sureping/engine';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod/v4';
import { type AnswerAction, answerIncident } from '../../../incident-answers.ts';
import type { ApiWith } from '../../api.ts';
import type { App } from '../../app.ts';
import { ownerOf } from '../../escalated-send.ts';
import { incidentOver, noIncident } from './problems.ts';
import { MAY_RESPOND, TAGS } from './route-options.ts';
import {
	answerBodySchema,
	answeredSchema,
	incidentSchema,
	keyAnswerBodySchema,
	keyAnswerSchema,
} from './schemas.ts';
import { toAnswered } from './shown.ts';

const READ_TOO = 'A key without the scope read gets only the id, the dedup_key and the status.';

const BY_ID: Readonly<Record<AnswerAction, { summary: string; description: string }>> = {
	acknowledge: {
		summary: 'Acknowledge an incident',
		description: `Somebody takes care of it: nobody else is paged. Where a step wants the answer of all its contacts, this ends the pages of \`by\` only, until the last of them has answered. May be repeated: each is recorded. 409 when it is resolved or cancelled. ${READ_TOO}`,
	},
	resolve: {
		summary: 'Resolve an incident',
		description: `It is over: nobody is paged, and its dedup_key is free for a new one. 409 when it was resolved or cancelled before. ${READ_TOO}`,
	},
	escalate: {
		summary: 'Start the next step of an incident now',
		description: `Whatever its condition. An acknowledged incident opens again; an exhausted one begins with step 1. 409 when it is resolved or cancelled. ${READ_TOO}`,
	},
};

const BY_KEY: Readonly<Record<'acknowledge' | 'resolve', string>> = {
	acknowledge: 'Acknowledge the incident that has a key',
	resolve: 'Resolve the incident that has a key',
};

/** `POST /incidents/{id}/…` for one incident, and `POST /incidents/…` for those that have a deduplication key. */
export function answerRoutes(app: App, api: ApiWith<'incidents'>): void {
	// The keys of the table are those that it was declared with.
	for (const action of Object.keys(BY_ID) as AnswerAction[]) {
		app.post(
			`/incidents/:id/${action}`,
			{
				...MAY_RESPOND,
				// Fastify has null checked where there is no body.
				preValidation: async (request) => {
					request.body ??= {};
				},
				schema: {
					...BY_ID[action],
					tags: TAGS,
					params: z.object({ id: z.string() }),
					body: answerBodySchema,
					response: { 200: z.union([incidentSchema, answeredSchema]) },
				},
			},
			async (request) => {
				const { params, body = {}, apiKey } = request;
				const answered = await answerIncident(params.id, action, answerOf(request, body), api);
				if (!answered) throw noIncident();
				if (answered.result === 'over') throw incidentOver(answered.incident);
				return toAnswered(answered.incident, apiKey);
			},
		);
	}
	for (const action of ['acknowledge', 'resolve'] as const) {
		app.post(
			`/incidents/${action}`,
			{
				...MAY_RESPOND,
				schema: {
					summary: BY_KEY[action],
					description: `Looks among the incidents that the caller's own key opened; with the scope admin among all. A key that no incident has, or only one that is over, is no error: \`{"matched": 0}\`. ${READ_TOO}`,
					tags: TAGS,
					body: keyAnswerBodySchema,
					response: { 200: keyAnswerSchema },
				},
			},
			async (request) => {
				const { body, apiKey } = request;
				const owner = apiKey.scopes.includes('admin') ? undefined : ownerOf(apiKey);
				const ids = await api.store.incidents.withKey(body.dedup_key, owner);
				const answer = answerOf(request, body);
				const incidents = [];
				for (const id of ids) {
					const answered = await answerIncident(id, action, answer, api);
					// One that ended meanwhile has no key any more.
					if (answered?.result !== 'done') continue;
					incidents.push(toAnswered(answered.incident, apiKey));
				}
				return incidents.length === 0 ? { matched: 0 } : { matched: incidents.length, incidents };
			},
		);
	}
}

/** The command line says so in its user agent. */
const OWN_COMMAND = /^sureping\//;

/** The answer of a request. Without a name it is the API key's. */
function answerOf(
	{ apiKey, headers }: Pick<FastifyRequest, 'apiKey' | 'headers'>,
	{
		by = `key:${apiKey.name}`,
		note,
	}: { readonly by?: string | undefined; readonly note?: string | undefined },
): NewAnswer {
	const via = OWN_COMMAND.test(headers['user-agent'] ?? '') ? 'cli' : 'api';
	return { by, via, ...(note === undefined ? {} : { note }) };
}
