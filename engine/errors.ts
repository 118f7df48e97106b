/** Every error code that a delivery event or an attempt can carry, with its meaning for people. */
export const ERROR_CODES = {
	TIMEOUT: 'The channel did not answer in time. The message may have arrived.',
	CONNECTION_FAILED: 'The channel could not be reached.',
	SERVICE_UNAVAILABLE: 'The channel answered that it cannot take messages now.',
	RATE_LIMITED: 'The channel asked to slow down.',
	QUOTA_EXCEEDED: "The account's quota at the channel is used up.",
	AUTH_FAILED: "The channel refused the connection's credentials.",
	RECIPIENT_REJECTED: 'The channel does not know or does not accept the recipient.',
	TARGET_GONE: 'The channel, room or webhook was removed or archived.',
	MESSAGE_REJECTED: 'The channel refused the message itself.',
	UNEXPECTED_ANSWER:
		'The channel refused in a word that it does not document, or answered by a redirect.',
	NOT_DELIVERED: 'The service reported that the message did not arrive.',
	SUPPRESSED: 'The service did not send: the recipient is on its suppression list.',
	UNCONFIRMED: 'The service took the message and did not report in time what became of it.',
	EXPIRED: 'The notification expired before it could be delivered.',
	QUIET_HOURS: 'The contact takes no normal messages at this time (quiet hours with do: skip).',
	NOT_CONFIGURED: 'The connection is no longer configured.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** The error of an attempt. `message` is for people and never holds a secret. */
export interface DeliveryError {
	readonly code: ErrorCode;
	readonly message: string;
}
