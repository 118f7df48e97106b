import { z } from 'zod/v4';

const MOST = 1000;

/** Query parameters of every list. A query is text, so the limit is a number written as text. */
export const pageFields = {
	after: z.string().min(1).max(64).optional(),
	limit: z
		.string()
		.refine(
			(text) => /^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= MOST,
			`must be a number from 1 to ${MOST}`,
		)
		.transform(Number)
		.default(100),
};
