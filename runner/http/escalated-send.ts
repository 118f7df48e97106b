import {
	type EscalatedSend,
	type IncidentPorts,
	openIncident,
	type PolicyBody,
	repeated,
} from '@sureping/engine';
import type { ApiKey } from '../config/config.ts';
import type { Opening, OpenResult } from '../store/contract/incidents.ts';
import type { SendAnswer } from '../store/contract/sends.ts';
import { tellTransition } from '../tell-transition.ts';
import { answeredDeliveries } from './answered-deliveries.ts';
import type { ApiWith } from './api.ts';
import { invalid, type Mistake } from './problem.ts';

/** The owner of the deduplication keys of an API key. */
export const ownerOf = ({ name }: Pick<ApiKey, 'name'>): string => `key:${name}`;

/** Facts about a send that were found before its policy is looked at. */
export interface EscalatedSendFacts {
	readonly apiKey: ApiKey;
	readonly depth: number;
	/** Mistakes that were found already. */
	readonly problems: readonly Mistake[];
}

type IncidentApi = Pick<
	ApiWith<'incidents'>,
	'store' | 'clock' | 'log' | 'metrics' | 'incidentPorts'
>;

/** Opens an incident, or adds the send to the one with its key. Throws a `Problem` with every mistake. */
export async function openEscalation(
	body: Omit<EscalatedSend, 'idempotency_key'>,
	{ apiKey, depth, problems: refused }: EscalatedSendFacts,
	more: Pick<Opening, 'callbacks' | 'idempotency' | 'quota'>,
	api: IncidentApi,
): Promise<OpenResult> {
	const ports = await api.incidentPorts();
	const now = api.clock.now();
	const { policy, policyName } = policyOf(body.escalation, ports, refused);
	const { message, subject, metadata = {}, source, priority = 'normal', recipient, retry } = body;
	const opened = openIncident(
		{
			owner: ownerOf(apiKey),
			dedupKey: body.dedup_key,
			policy,
			policyName,
			content: { message, subject, metadata, source, priority, recipient, retry, depth },
			channels: body.channels,
			startsAt: timeOf(body.send_at),
			expiresAt: timeOf(body.expires_at),
		},
		now,
		ports,
	);
	const problems = [...(opened.ok ? [] : opened.problems), ...refused];
	if (!opened.ok || problems.length > 0) throw invalid(problems);
	const { transition } = opened;
	const stored = await api.store.incidents.open({
		...more,
		transition,
		apiKey: apiKey.name,
		answer: answerTo(transition, apiKey),
		onRepeated: (incident) => repeated(incident, now, ports),
	});
	if (stored.result === 'accepted') tellTransition(transition, api);
	return stored;
}

function policyOf(
	escalation: EscalatedSend['escalation'],
	{ directory }: IncidentPorts,
	refused: readonly Mistake[],
): { readonly policy: PolicyBody; readonly policyName?: string } {
	if (typeof escalation !== 'string') return { policy: escalation };
	const found = directory.policy(escalation);
	if (found) {
		const { name, ...policy } = found;
		return { policy, policyName: name };
	}
	const names = directory.policies.map(({ name }) => name).join(', ');
	const known = names === '' ? 'there are none yet' : `one of: ${names}`;
	const message = `there is no policy ${escalation}; ${known}`;
	throw invalid([{ path: 'escalation', message }, ...refused]);
}

const timeOf = (text: string | undefined): number | undefined =>
	text === undefined ? undefined : Date.parse(text);

function answerTo({ incident, notifications }: Opening['transition'], apiKey: ApiKey): SendAnswer {
	const made = notifications.flatMap(({ notification }) => notification.deliveries);
	const deliveries = answeredDeliveries(made, apiKey);
	return {
		notification_id: incident.notificationId,
		status: 'queued',
		deliveries,
		incident: { id: incident.id, status: incident.status, opened: true },
	};
}
