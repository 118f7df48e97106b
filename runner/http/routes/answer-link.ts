import type { NewAnswer } from '@sureping/engine';
import { OVER } from '@sureping/engine';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod/v4';
import { type AnswerLink, LINK_PATH, type LinkParty } from '../../answer-links.ts';
import { answerIncident } from '../../incident-answers.ts';
import { noticePage } from '../answer-page/document.ts';
import { incidentPage } from '../answer-page/incident-page.ts';
import { PAGE_HEADERS } from '../answer-page/style.ts';
import type { Api, ApiWith } from '../api.ts';
import type { App } from '../app.ts';
import { readForms } from '../body/form-body.ts';
import { Problem } from '../problem.ts';
import { toProblem } from '../problem-answers.ts';
import type { Rates } from '../rates.ts';

const HTML = 'text/html; charset=utf-8';
const PATH = `${LINK_PATH}:token`;

/** Time after its end for which a link still tells what became of the incident; milliseconds. */
const SHOWN_AFTER_END_MS = 24 * 3600 * 1000;

const paramsSchema = z.object({ token: z.string() });

/** A press of one of the page's buttons. Without a body, as programs post, it acknowledges. */
const formSchema = z.strictObject({
	action: z.enum(['acknowledge', 'resolve']).default('acknowledge'),
});

/**
 * `/a/{token}`: the page by which the reader of a message answers. The token is the permission. GET shows and changes
 * nothing, since scanners of mails open links; POST acts. Not in the description of the API: it is for people.
 */
export async function answerLinkRoutes(
	app: App,
	api: ApiWith<'incidents'>,
	rates: Pick<Rates, 'countLink'>,
): Promise<void> {
	await app.register(async (instance) => {
		const scope = instance.withTypeProvider<ZodTypeProvider>();
		readForms(scope);
		answerWithPages(scope, api);
		const options = {
			schema: { hide: true, params: paramsSchema },
			onRequest: async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
				void reply.headers(PAGE_HEADERS);
				const { token } = paramsSchema.parse(request.params);
				const isOurs = api.links.read(token) !== undefined;
				rates.countLink(request, isOurs ? token : undefined);
				if (!isOurs) throw notOurs();
			},
		};
		scope.get(PATH, options, async ({ params }, reply) => {
			const link = linkOf(params.token, api);
			const incident = await api.store.incidents.get(link.incidentId);
			if (!incident || isLongOver(incident.endedAt, api)) throw gone();
			return await show(reply, link, { incident }, api);
		});
		scope.post(
			PATH,
			{ ...options, schema: { ...options.schema, body: formSchema } },
			async ({ params, body: { action } }, reply) => {
				const link = linkOf(params.token, api);
				const answered = await answerIncident(link.incidentId, action, answerOf(link.party), api);
				if (!answered || isLongOver(answered.incident.endedAt, api)) throw gone();
				const { result, incident } = answered;
				const done = result === 'done' ? { done: action } : {};
				return await show(reply, link, { incident, ...done }, api);
			},
		);
	});
}

const notOurs = (): Problem =>
	new Problem(404, 'This link is not valid. Check that it is complete: a message may have cut it');

const gone = (): Problem => new Problem(410, 'The incident of this link is over');

/** The link of a token that was checked before the body was read. */
function linkOf(token: string, { links }: Pick<Api, 'links'>): AnswerLink {
	const link = links.read(token);
	if (!link) throw notOurs();
	return link;
}

const isLongOver = (endedAt: number | undefined, { clock }: Pick<Api, 'clock'>): boolean =>
	endedAt !== undefined && clock.now() - endedAt > SHOWN_AFTER_END_MS;

/** In a shared channel nobody knows who pressed the button. */
function answerOf(party: LinkParty): NewAnswer {
	return party.kind === 'contact'
		? { by: party.contactId, via: 'link' }
		: { via: 'link', channel: party.channel };
}

/** Shows an incident; 410 where it was over before. */
async function show(
	reply: FastifyReply,
	{ party }: AnswerLink,
	view: Pick<Parameters<typeof incidentPage>[0], 'incident' | 'done'>,
	{ clock, incidentPorts }: Pick<Api, 'clock' | 'incidentPorts'>,
): Promise<FastifyReply> {
	const { directory } = await incidentPorts();
	const isOver = OVER.has(view.incident.status) && view.done === undefined;
	const page = incidentPage({ ...view, party, directory, now: clock.now() });
	return await reply
		.code(isOver ? 410 : 200)
		.type(HTML)
		.send(page);
}

/** Titles of the refusals that a person may meet. */
const TITLES: Readonly<Record<number, string>> = {
	404: 'Link not found',
	410: 'This link is over',
	429: 'Too many requests',
	503: 'Not stored: try again',
};

/** Writes refusals as pages for browsers. Programs get the usual problem documents. */
function answerWithPages(app: App, { log }: Pick<Api, 'log'>): void {
	app.setErrorHandler<Error>((error, { headers }, reply) => {
		if (!/\btext\/html\b/i.test(headers.accept ?? '')) throw error;
		const { status, detail, headers: more } = toProblem(error);
		if (status >= 500) log.error({ err: error }, 'a request failed');
		return reply
			.code(status)
			.headers(more)
			.type(HTML)
			.send(noticePage(TITLES[status] ?? 'Something is wrong', `${detail}.`));
	});
}
