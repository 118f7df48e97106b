import { type CatalogEntry, findConnection, planSend, type Problem } from '../dispatch/plan.ts';
import type { Directory } from './directory.ts';
import { notifyTarget } from './notify-target.ts';
import type { IncidentOpening } from './opening.ts';
import type { PolicyBody } from './policy.ts';
import type { IncidentPorts } from './transition.ts';

/** The parties that a policy may name. */
export interface KnownParties {
	readonly directory: Pick<Directory, 'contact' | 'onCall'>;
	readonly catalog: readonly CatalogEntry[];
}

/** The mistakes of a policy beyond its schema: parties that there are not, and conditions that never hold. */
export function problemsOfPolicy(
	{ steps, on_exhausted: onExhausted }: PolicyBody,
	parties: KnownParties,
	path = '',
): readonly Problem[] {
	const at = (rest: string): string => (path === '' ? rest : `${path}.${rest}`);
	return [
		...steps.flatMap(({ notify }, i) => problemsOf(notify, parties, at(`steps.${i}.notify`))),
		...(onExhausted ? problemsOf(onExhausted.notify, parties, at('on_exhausted.notify')) : []),
		...unreported(steps, parties, at),
		...tooMany(steps, at('steps')),
	];
}

/** Parties of all steps together: each of them may be a page with the whole text, and more for an on-call. */
const MOST_PARTIES = 200;

function tooMany(steps: PolicyBody['steps'], path: string): readonly Problem[] {
	const all = steps.reduce((sum, { notify }) => sum + notify.length, 0);
	const message = `must notify at most ${MOST_PARTIES} parties in all, not ${all}`;
	return all > MOST_PARTIES ? [{ path, message }] : [];
}

function problemsOf(
	notify: readonly string[],
	{ directory, catalog }: KnownParties,
	path: string,
): readonly Problem[] {
	return notify.flatMap((text, i) => {
		const target = notifyTarget(text);
		const message =
			target.kind === 'contact'
				? directory.contact(target.id)
					? undefined
					: `there is no contact ${target.id}`
				: target.kind === 'on_call'
					? directory.onCall(target.name)
						? undefined
						: `there is no on-call ${target.name}`
					: unknownConnection(target.reference, catalog);
		return message === undefined ? [] : [{ path: `${path}.${i}`, message }];
	});
}

function unknownConnection(
	reference: string,
	catalog: readonly CatalogEntry[],
): string | undefined {
	const found = findConnection(reference, catalog);
	return typeof found === 'string' ? found : undefined;
}

/** `not_opened` needs a step before it whose service tells of messages that were opened. */
function unreported(
	steps: PolicyBody['steps'],
	{ catalog, directory }: KnownParties,
	at: (rest: string) => string,
): readonly Problem[] {
	return steps.flatMap(({ when }, i) => {
		if (when !== 'not_opened') return [];
		const before = steps.slice(0, i).flatMap(({ notify }) => notify);
		const channels = before.flatMap((text) => channelsOf(text, directory));
		const isReported = catalog.some(
			({ channel, name, report }) =>
				report && (channels.includes(channel) || channels.includes(`${channel}:${name}`)),
		);
		if (isReported) return [];
		const message = 'no connection of the steps before reports that a message was opened';
		return [{ path: at(`steps.${i}.when`), message }];
	});
}

function channelsOf(text: string, directory: KnownParties['directory']): readonly string[] {
	const target = notifyTarget(text);
	if (target.kind === 'channel') return [target.reference];
	const ids =
		target.kind === 'contact' ? [target.id] : (directory.onCall(target.name)?.members ?? []);
	return ids.flatMap((id) =>
		(directory.contact(id)?.addresses ?? []).map(({ channel, connection }) =>
			connection === undefined ? channel : `${channel}:${connection}`,
		),
	);
}

/** The mistakes of a request to escalate: its policy's, and those of channels that it gives no usable address for. */
export function problemsOfOpening(
	{ policy, policyName, content, channels = [], startsAt, expiresAt }: IncidentOpening,
	now: number,
	ports: Pick<IncidentPorts, 'directory' | 'catalog'>,
): readonly Problem[] {
	const path = policyName === undefined ? 'escalation' : '';
	const known = problemsOfPolicy(policy, ports, path).map((one) => inPolicy(one, policyName));
	const own = channels.flatMap((reference, i) =>
		cannotTake(reference, content, now, ports).map((problem) =>
			problem.path.startsWith('channels.') ? { ...problem, path: `channels.${i}` } : problem,
		),
	);
	const lists = [
		...policy.steps.map(({ notify }, i) => ({ notify, path: `steps.${i}.notify` })),
		...(policy.on_exhausted
			? [{ notify: policy.on_exhausted.notify, path: 'on_exhausted.notify' }]
			: []),
	];
	const paged =
		known.length > 0
			? []
			: lists.flatMap(({ notify, path: list }) =>
					notify.flatMap((text, i) => {
						const target = notifyTarget(text);
						if (target.kind !== 'channel') return [];
						return cannotTake(target.reference, content, now, ports).map((problem) =>
							problem.path === 'recipient' || problem.path.startsWith('channels.')
								? inPolicy(
										{
											path: path === '' ? `${list}.${i}` : `${path}.${list}.${i}`,
											message: problem.message,
										},
										policyName,
									)
								: problem,
						);
					}),
				);
	const late =
		expiresAt !== undefined && expiresAt <= Math.max(now, startsAt ?? now)
			? [{ path: 'expires_at', message: 'must be in the future, and later than send_at' }]
			: [];
	return unique([...known, ...own, ...paged, ...late, ...tooLarge(content)]);
}

/** Characters of the metadata, as JSON. Every page and every event of the incident has it. */
const MOST_METADATA = 64 * 1024;

function tooLarge({ metadata }: IncidentOpening['content']): readonly Problem[] {
	const isLarge = JSON.stringify(metadata).length > MOST_METADATA;
	const message = `must have at most ${MOST_METADATA} characters as JSON with escalation, as every page repeats it`;
	return isLarge ? [{ path: 'metadata', message }] : [];
}

/** A problem of a stored policy is one of the field that names it. */
function inPolicy(problem: Problem, policyName: string | undefined): Problem {
	if (policyName === undefined) return problem;
	return {
		path: 'escalation',
		message: `policy ${policyName}, ${problem.path}: ${problem.message}`,
	};
}

function cannotTake(
	reference: string,
	{ message, subject, recipient }: IncidentOpening['content'],
	now: number,
	{ catalog, directory }: Pick<IncidentPorts, 'catalog' | 'directory'>,
): readonly Problem[] {
	const request = { message, subject, channels: [reference], recipient };
	const plan = planSend(request, catalog, now, { ...directory, quietUntil: () => undefined });
	return plan.ok ? [] : plan.problems;
}

function unique(problems: readonly Problem[]): readonly Problem[] {
	const seen = new Set<string>();
	return problems.filter(({ path, message }) => {
		const key = `${path}\n${message}`;
		return !seen.has(key) && seen.add(key);
	});
}
