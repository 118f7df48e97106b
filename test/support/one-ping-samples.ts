/** The three payloads of One-Ping's webhook documentation ("Webhook Payload Format"), by hand. */
export const ONE_PING_DELIVERED = {
	event: 'notification.delivered',
	notification_id: 'msg_a1b2c3d4e5',
	channel: 'telegram',
	status: 'delivered',
	recipient: '@username',
	delivered_at: '2025-01-15T10:30:05Z',
	latency_ms: 245,
	attempt: 1,
	metadata: { order_id: 'ORD-5678' },
	timestamp: '2025-01-15T10:30:05Z',
};

export const ONE_PING_FAILED = {
	event: 'notification.failed',
	notification_id: 'msg_a1b2c3d4e5',
	channel: 'email',
	status: 'failed',
	recipient: 'user@example.com',
	error: { code: 'RECIPIENT_REJECTED', message: 'Mailbox not found' },
	attempts: 3,
	first_attempt_at: '2025-01-15T10:30:00Z',
	last_attempt_at: '2025-01-15T10:35:00Z',
	metadata: {},
	timestamp: '2025-01-15T10:35:01Z',
};

export const ONE_PING_RETRYING = {
	event: 'notification.retrying',
	notification_id: 'msg_a1b2c3d4e5',
	channel: 'slack',
	status: 'retrying',
	attempt: 2,
	max_attempts: 3,
	next_retry_at: '2025-01-15T10:32:00Z',
	error: { code: 'TIMEOUT', message: 'Channel did not respond within 10 seconds' },
	timestamp: '2025-01-15T10:31:00Z',
};
