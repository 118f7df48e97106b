import type { Problem } from '../../engine/dispatch/index.ts';

/** What a request's fields, and the parameters behind them, are called in the node. */
const NAMES: Readonly<Record<string, string>> = {
	addresses: 'Recipient per Channel',
	callback_url: 'Callback URL',
	callbackUrl: 'Callback URL',
	channels: 'Channels',
	expires_at: 'Expires At',
	fallback_channels: 'Fallback Channels',
	fallbackChannels: 'Fallback Channels',
	'Idempotency-Key': 'Idempotency Key',
	idempotency_key: 'Idempotency Key',
	idempotencyKey: 'Idempotency Key',
	message: 'Message',
	metadata: 'Metadata',
	priority: 'Priority',
	recipient: 'Recipient',
	retry: 'Retry Delays',
	'retry.timeout_s': 'Timeout',
	retryDelays: 'Retry Delays',
	send_at: 'Send At',
	subject: 'Subject',
	timeout: 'Timeout',
};

/** The parameter that a path such as `fallback_channels.0` belongs to. */
export function parameterName(path: string): string {
	return NAMES[path] ?? NAMES[path.split('.', 1)[0] ?? ''] ?? path;
}

/** Everything that is to change, one sentence each. */
export function describeProblems(problems: readonly Problem[]): string[] {
	return [...new Set(problems.map(({ path, message }) => `${parameterName(path)}: ${message}`))];
}
