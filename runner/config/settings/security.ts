import ipaddr from 'ipaddr.js';
import { z } from 'zod/v4';
import { canonicalHost } from '../../transport/host-name.ts';

const hostSchema = z
	.string()
	.refine(
		(text) => /^[\w.:[\]-]+$/.test(canonicalHost(text) ?? ''),
		'must be a host name or an address, without a scheme and a port',
	);

const networkSchema = z
	.string()
	.refine((text) => ipaddr.isValidCIDR(text), 'must be a network such as 10.0.0.0/8');

export const securitySchema = z.strictObject({
	hosts: z
		.array(hostSchema)
		.default([])
		.describe(
			'Host names that the runner answers to, besides that of `public_url`, IP addresses, `localhost` and names without a dot.',
		),
	allow_http: z
		.boolean()
		.default(false)
		.describe('Lets API callers give `http:` URLs for endpoints and callbacks.'),
	allow_hosts: z
		.array(hostSchema)
		.default([])
		.describe('Hosts that API callers may name although they are not public, over http as well.'),
	allow_networks: z
		.array(networkSchema)
		.default([])
		.describe(
			'Networks that API callers may name although they are not public, such as `10.0.0.0/8`.',
		),
});
