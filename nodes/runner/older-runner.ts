import { z } from 'zod/v4';
import { isEscalation, OVERALL_TYPES } from '../../engine/event.ts';
import type { Explanation } from '../http/explanation.ts';
import { shownUrl } from '../http/shown-url.ts';
import { problemOf } from './explain-refusal.ts';
import type { RunnerApi, RunnerReply } from './runner-api.ts';

/** Features that a runner lists at `GET /version`, with the first version that has each. */
export const FEATURES_SINCE = {
	source: '0.1.0',
	in_reply_to: '0.1.0',
	undelivered: '0.1.0',
	all_events: '0.1.0',
	escalation: '0.1.0',
} as const;

export type Feature = keyof typeof FEATURES_SINCE;

/** Event types that a runner without the feature refuses as unknown. */
const FEATURE_OF_EVENT: ReadonlyMap<string, Feature> = new Map<string, Feature>([
	['notification.undelivered', 'undelivered'],
	['notification.loop_stopped', 'in_reply_to'],
	...Object.keys(OVERALL_TYPES)
		.filter((type) => isEscalation({ event: type }))
		.map((type) => [type, 'escalation'] as const),
]);

const UPGRADE = 'https://github.com/sureping/sureping/blob/main/docs/operate/upgrade.md';

const versionSchema = z.object({ version: z.string(), features: z.array(z.string()) });

/** The features that a runner needs to know these event types. */
export function featuresOfEvents(types: readonly string[]): readonly Feature[] {
	const features = types.map((type) => FEATURE_OF_EVENT.get(type));
	return [...new Set(features.filter((feature) => feature !== undefined))];
}

/** Leaves out the event types that only a newer runner knows. Asks the runner for its features. */
export async function typesKnownTo(
	runner: RunnerApi,
	types: readonly string[],
): Promise<readonly string[]> {
	const told = await runner.request('GET', '/version');
	const known = 'failure' in told ? undefined : versionSchema.safeParse(told.body).data;
	return types.filter((type) =>
		featuresOfEvents([type]).every((feature) => known?.features.includes(feature)),
	);
}

/** True when a runner refused one of these fields of a request, in which case it stored nothing. */
export function isAboutField(body: unknown, fields: readonly string[]): boolean {
	// The runner names an unknown field in the message, and a known one in the path.
	return problemOf(body).errors.some(({ path, message }) =>
		fields.some((field) => path.split('.', 1)[0] === field || message.includes(`"${field}"`)),
	);
}

/**
 * Explains a refusal by the age of the runner. It is asked only after a refusal, so that a runner that has everything costs
 * no further call.
 * @param needed the features that the refused request made use of
 * @returns undefined when the runner has them all, or does not say
 */
export async function explainOlderRunner(
	runner: RunnerApi,
	reply: RunnerReply,
	needed: readonly Feature[],
): Promise<Explanation | undefined> {
	if (needed.length === 0 || 'failure' in reply) return undefined;
	if (reply.status !== 404 && reply.status !== 422) return undefined;
	const told = await runner.request('GET', '/version');
	if ('failure' in told) return undefined;
	const known = versionSchema.safeParse(told.body).data;
	// Runners from before `GET /version` answer 404.
	if (!known && told.status !== 404) return undefined;
	const [missing] = needed
		.filter((feature) => !known?.features.includes(feature))
		.map((feature) => FEATURES_SINCE[feature])
		.sort(byVersion)
		.reverse();
	if (missing === undefined) return undefined;
	const { detail, title } = problemOf(reply.body);
	return {
		message: `This needs sureping ${missing} or newer; the runner at ${shownUrl(runner.baseUrl)} is ${age(known?.version, missing)}. Update it: ${UPGRADE}`,
		description: `Everything else works with this runner as well. It answered: ${detail || title || 'no reason given'}`,
		httpCode: String(reply.status),
	};
}

/** Tells about something that a node does without, as this runner refused it as unknown. `loss` is a clause about it. */
export function olderRunnerHint(baseUrl: string, feature: Feature, loss: string): string {
	return `The runner at ${shownUrl(baseUrl)} is older than sureping ${FEATURES_SINCE[feature]}: ${loss}. Update it: ${UPGRADE}`;
}

function age(version: string | undefined, needed: string): string {
	if (version === undefined) return 'older';
	return version === needed ? `an earlier build of ${version}` : version;
}

/** Orders versions of three numbers, oldest first. */
function byVersion(one: string, other: string): number {
	return one.localeCompare(other, 'en', { numeric: true });
}
