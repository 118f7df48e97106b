import {
	type Duty,
	isoTime,
	type OnCall,
	onCallBodySchema,
	onCallSchema,
	overrideSchema,
} from '@sureping/engine';
import { z } from 'zod/v4';
import type { ApiKey } from '../../config/config.ts';
import type { DirectorySnapshot } from '../../directory/index.ts';
import type { App } from '../app.ts';
import { ON_CALL } from '../directory/entry-kinds.ts';
import { answerOf, entryRoutes, MAY_CHANGE, type Shown, TAGS } from '../directory/entry-routes.ts';
import { changeEntry, type DirectoryApi } from '../directory/store-entries.ts';
import { lastingOverrides } from '../directory/users-of-entry.ts';
import { check, invalid } from '../problem.ts';
import { refuseUrl } from './endpoints/refuse-settings.ts';
import { onCallAnswerSchema } from '../response-schemas.ts';
import { shownUrl } from '../shown-url.ts';

/** Rotations and calendars of contacts, with who is on call. */
export function onCallRoutes(app: App, api: DirectoryApi): void {
	const { clock } = api;
	const answering = {
		kind: ON_CALL,
		factsOf: () => api.directory.snapshot(),
		toAnswer: (shown: ShownOnCall) => toAnswerAt(shown, clock.now()),
	};
	const tidied = (onCall: OnCall): OnCall => ({
		...onCall,
		overrides: lastingOverrides(onCall, clock.now()),
	});

	entryRoutes(app, api, {
		...answering,
		path: '/on-call',
		about: {
			list: 'Those of the config file and those of the API, each with who is on call now and who is next.',
			create: 'Overrides that are over are left out, now and whenever the on-call changes.',
			remove:
				'Answered 409 while a policy, or an incident that is open or acknowledged, names the on-call; the answer says which.',
		},
		createSchema: onCallSchema,
		toEntry: (onCall) => onCall,
		entrySchema: onCallSchema,
		changeable: onCallBodySchema.shape,
		tidied,
		refuse: (fields, apiKey) => refuseCalendar(fields, apiKey, api),
		answerSchema: onCallAnswerSchema,
	});

	app.post(
		'/on-call/:name/overrides',
		{
			...MAY_CHANGE,
			schema: {
				summary: 'Put another contact on call for a time',
				description:
					'Where overrides overlap, the last one counts. To remove one, PATCH the on-call with a list of the others.',
				tags: TAGS,
				params: z.object({ name: z.string() }),
				body: overrideSchema,
				response: { 201: onCallAnswerSchema },
			},
		},
		async ({ params: { name }, body, apiKey }, reply) => {
			if (Date.parse(body.to) <= clock.now()) {
				throw invalid([{ path: 'to', message: 'must be in the future' }]);
			}
			const added = (now: OnCall): OnCall => {
				const { overrides, ...onCall } = tidied(now);
				return check(onCallSchema, { ...onCall, overrides: [...overrides, body] });
			};
			const place = ({ overrides }: OnCall): string => `overrides.${overrides.length - 1}.`;
			const onCall = await changeEntry(ON_CALL, name, api, added, place);
			return await reply.code(201).send(await answerOf(answering, onCall, apiKey, api));
		},
	);
}

type ShownOnCall = Shown<OnCall, DirectorySnapshot>;
type OnCallAnswer = z.infer<typeof onCallAnswerSchema>;

/** An on-call as answers show it to a key, with who is on call at `at`. */
function toAnswerAt(
	{ entry: { ical_url: url, ...onCall }, source, facts, apiKey }: ShownOnCall,
	at: number,
): OnCallAnswer {
	const now = facts.duty(onCall.name, at);
	const next = facts.nextDuty(onCall.name, at);
	return {
		...onCall,
		...(url === undefined ? {} : { ical_url: shownUrl(url, apiKey, 'manage') }),
		source,
		...(now ? { now: dutyToWire(now) } : {}),
		...(next ? { next: { at: isoTime(next.at), ...dutyToWire(next.duty) } } : {}),
	};
}

function dutyToWire({ who, nobody, warning }: Duty): NonNullable<OnCallAnswer['now']> {
	return {
		who: [...who],
		...(nobody === undefined ? {} : { nobody }),
		...(warning === undefined ? {} : { warning }),
	};
}

/** Throws a 422 for a calendar that the runner must not call. What is no such URL at all, `problemsOfOnCall` says. */
async function refuseCalendar(
	{ ical_url: url }: { readonly ical_url?: unknown },
	apiKey: ApiKey,
	api: DirectoryApi,
): Promise<void> {
	if (typeof url !== 'string' || !/^https?:/i.test(url)) return;
	await refuseUrl(url, apiKey, api, 'ical_url');
}
