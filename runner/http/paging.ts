import { z } from 'zod/v4';

const MOST = 1000;

/** `after` and `limit` of every list. A query is text, so the limit is a number written as text. */
export const pageFields = {
	after: z.string().min(1).max(64).optional(),
	limit: z
		.string()
		.regex(/^\d{1,4}$/, `must be a number from 1 to ${MOST}`)
		.transform(Number)
		.refine((limit) => limit >= 1 && limit <= MOST, `must be a number from 1 to ${MOST}`)
		.default(100),
};
