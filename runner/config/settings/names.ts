import { z } from 'zod/v4';

/** The name of an API key, a connection or an endpoint: it stands in URLs, logs and metrics. */
export const nameSchema = z
	.string()
	.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be letters, digits, ".", "_" or "-"');
