import type { ReceivedType } from './vocabulary.ts';

/** A provider's delivery event in the one form that all of them take. Absent facts are absent. */
export interface ReceivedEvent {
	/** The provider's own id of the event, or one derived from the facts that identify it: equal for a resend. */
	eventId: string;
	/** A `ProviderId`. */
	provider: string;
	type: ReceivedType;
	/** The provider's own word for it, such as `EMAIL_OPEN`, where that is not the type itself. */
	providerEvent?: string;
	/** The provider's id of the message, given when the message was sent; the event's own id where it is about none. */
	notificationId: string;
	deliveryId?: string;
	channel?: string;
	/** The last word of the type, unless the provider's own says more. */
	status: string;
	/** Nothing more is to come for this delivery. */
	final: boolean;
	/** The witness of `delivered`: the channel's service (a mailbox's server, say), or the recipient's device. */
	confirmation?: 'service' | 'device';
	recipient?: string;
	/** The name under which a runner knows it: the account that it was sent through, or the one that reported. */
	connection?: string;
	attempt?: number;
	maxAttempts?: number;
	nextRetryAt?: string;
	fromChannel?: string;
	bounceType?: 'hard' | 'soft';
	allChannelsFailed?: boolean;
	latencyMs?: number;
	error?: { code: string; message: string };
	/** The link that was clicked. */
	link?: string;
	/** The subject of the notification and the beginning of its text, as a runner reports them. */
	subject?: string;
	message?: string;
	/** The system that asked for the send. */
	source?: {
		system?: string;
		workflowId?: string;
		workflowName?: string;
		executionId?: string;
		url?: string;
	};
	/** Of `notification.undelivered`: the deliveries that were tried, and why each failed. */
	deliveries?: {
		channel: string;
		connection: string;
		recipient: string;
		error: { code: string; message: string };
	}[];
	/** The subject of an event about no single delivery, beside a notification. */
	incidentId?: string;
	askId?: string;
	checkIn?: string;
	/** Of `escalation.*`: the key of its incident, and the name of its policy. */
	dedupKey?: string;
	policy?: string;
	/** Of `escalation.step_started`: the step, from 1 (0 for the send's own channels), and the rounds before it. */
	step?: number;
	round?: number;
	/** Of `escalation.step_started` and `escalation.exhausted`: the notifications that went out. */
	pages?: { notificationId: string; contactId?: string; onCall?: string; channels: string[] }[];
	/** Of `escalation.step_started`: the parties that could not be paged, and why. */
	problems?: { notify: string; message: string }[];
	/** Of an answer to an incident: who gave it, in which way, through which channel, and with which words. */
	by?: string;
	via?: string;
	viaChannel?: string;
	note?: string;
	/** Of `escalation.exhausted`: `unanswered` or `expired`. */
	reason?: string;
	/** Of `notification.loop_stopped`: the event that the refused send followed from. */
	inReplyTo?: string;
	/** A mail scanner or privacy proxy opened or clicked, not a person. */
	machine?: true;
	/** It came after an event that is further on, such as a late `sent` after `delivered`; then `final` is false. */
	outOfOrder?: true;
	occurredAt: string;
	receivedAt: string;
	sequence?: number;
	metadata: Record<string, unknown>;
	/** Genuine, but not in a form that this provider documents. Its type is `unknown`. */
	unreadable?: true;
	/** The provider's payload for this event, unchanged: an object, unless it is unreadable. Text where it is no JSON. */
	raw: unknown;
}
