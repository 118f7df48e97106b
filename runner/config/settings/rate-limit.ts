import { z } from 'zod/v4';

/** At most `max` requests in any window of `window_s` seconds. */
export const rateLimitSchema = z.strictObject({
	max: z
		.int()
		.min(1)
		.meta({ description: 'Requests allowed in each window.', examples: [600] }),
	window_s: z
		.number()
		.min(0.1)
		.max(86_400)
		.meta({ description: 'Length of the window, in seconds.', examples: [60] }),
});
export type RateLimit = z.infer<typeof rateLimitSchema>;
