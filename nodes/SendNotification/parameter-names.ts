import type { Problem } from '../../engine/dispatch/index.ts';

/** The display names of the node's parameters, by request field and by parameter name. */
const NAMES: Readonly<Record<string, string>> = {
	ack_timeout_s: 'Acknowledge Timeout',
	additionalFields: 'Additional Fields',
	addresses: 'Recipient per Channel',
	callback_url: 'Callback URL',
	callbackUrl: 'Callback URL',
	channels: 'Channels',
	content: 'Channel Content',
	dedup_key: 'Deduplication Key',
	dedupKey: 'Deduplication Key',
	deliveryReportType: 'Delivery Reports',
	escalation: 'Policy',
	expires_at: 'Expires At',
	fallback_channels: 'Fallback Channels',
	fallbackChannels: 'Fallback Channels',
	forceChannels: 'Force Channels',
	incidentId: 'Incident',
	'Idempotency-Key': 'Idempotency Key',
	idempotency_key: 'Idempotency Key',
	idempotencyKey: 'Idempotency Key',
	message: 'Message',
	metadata: 'Metadata',
	notificationType: 'Notification Type',
	parameters: 'Merge Parameters',
	phoneNumber: 'Phone Number',
	policy: 'Policy',
	priority: 'Priority',
	recipient: 'Recipient',
	retry: 'Retry Delays',
	'retry.timeout_s': 'Timeout',
	retryDelays: 'Retry Delays',
	route: 'Route',
	schedule: 'Schedule',
	send_at: 'Send At',
	senderId: 'Sender ID',
	smsType: 'Message Kind',
	steps: 'Steps',
	subject: 'Subject',
	templateName: 'Template Name',
	templateParameters: 'Template Parameters',
	timeout: 'Timeout',
	userEmail: 'User Email',
	userId: 'User ID',
	userNumber: 'User Phone Number',
	verificationCode: 'Verification Code',
	waitForOutcome: 'Wait for Outcome',
	webhookSecret: 'Webhook Secret',
	webhookUrl: 'Delivery Report URL',
	whatsappAccountId: 'WhatsApp Account ID',
	whatsappPhoneId: 'WhatsApp Phone ID',
};

/** The display name of the parameter behind a path such as `fallback_channels.0`. */
export function parameterName(path: string): string {
	return NAMES[path] ?? NAMES[path.split('.', 1)[0] ?? ''] ?? path;
}

/** The problems to correct, one sentence each. */
export function describeProblems(problems: readonly Problem[]): string[] {
	return [...new Set(problems.map(({ path, message }) => `${parameterName(path)}: ${message}`))];
}
