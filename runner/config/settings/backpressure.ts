import { z } from 'zod/v4';

export const backpressureSchema = z.strictObject({
	max_pending: z
		.int()
		.min(1)
		.default(10_000_000)
		.describe(
			'Pending deliveries above which sends are refused; critical ones above twice as many.',
		),
	min_free_disk_mb: z
		.int()
		.min(0)
		.default(200)
		.describe(
			"Free space on the database's file system, in MiB, below which sends are refused; critical ones below half of it.",
		),
	max_requests: z
		.int()
		.min(1)
		.default(2_000)
		.describe('Send requests under way at once; one more is refused.'),
	max_request_mb: z
		.int()
		.min(11)
		.default(256)
		.describe('Memory for the bodies of those requests together, in MiB.'),
	max_endpoints: z
		.int()
		.min(0)
		.default(100)
		.describe('Endpoints that can be created over the API; one more is refused with 409.'),
});
export type BackpressureSettings = z.infer<typeof backpressureSchema>;
