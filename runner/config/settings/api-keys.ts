import { z } from 'zod/v4';
import { nameSchema } from './names.ts';
import { rateLimitSchema } from './rate-limit.ts';

/** The permissions of a key; `admin` includes the others. */
export const SCOPES = [
	'send',
	'read',
	'endpoints',
	'manage',
	'respond',
	'check_in',
	'mcp',
	'admin',
] as const;
export type Scope = (typeof SCOPES)[number];

const quotaSchema = z.strictObject({
	notifications: z
		.int()
		.min(1)
		.meta({
			description: 'Notifications that the key may send in each period.',
			examples: [10_000],
		}),
	per: z
		.enum(['day', 'month'])
		.meta({ description: 'Period of the quota, in UTC.', examples: ['day'] }),
});
export type Quota = z.infer<typeof quotaSchema>;

export const apiKeySchema = z
	.strictObject({
		name: nameSchema.meta({
			description: 'Name of the key in logs and messages.',
			examples: ['n8n'],
		}),
		// Sent in an `Authorization` header (RFC 6750 §2.1).
		key: z
			.string()
			.min(16, 'must have at least 16 characters')
			.regex(/^[\x21-\x7e]*$/, 'must be printable ASCII without spaces')
			.optional()
			.meta({
				description:
					'The key itself, at least 16 characters. Default: none; give either this or `key_sha256`.',
				examples: ['${API_KEY}'],
			}),
		key_sha256: z
			.string()
			.regex(/^[0-9a-f]{64}$/i, 'must be the hex SHA-256 of the key')
			.optional()
			.meta({
				description:
					'Hex SHA-256 of the key, so that the file does not hold the key. Default: none; give either this or `key`.',
				examples: ['${API_KEY_SHA256}'],
			}),
		scopes: z
			.array(z.enum(SCOPES))
			.min(1)
			.default(['send', 'read'])
			.describe('Permissions of the key. `admin` includes all of them.'),
		webhook_secret: z
			.string()
			.min(16, 'must have at least 16 characters')
			.optional()
			.meta({
				description:
					'Secret that signs the webhooks of sends with a `callback_url`. Default: none; sends with `callback_url` are refused.',
				examples: ['${CALLBACK_SECRET}'],
			}),
		rate_limit: rateLimitSchema
			.optional()
			.describe('Rate limit of this key. Default: the top-level `rate_limit`.'),
		quota: quotaSchema
			.optional()
			.describe('Notifications that the key may send in a day or a month. Default: no quota.'),
	})
	.refine(({ key, key_sha256 }) => (key === undefined) !== (key_sha256 === undefined), {
		error: 'needs either key or key_sha256',
	});
