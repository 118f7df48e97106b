import { dirname, join, resolve } from 'node:path';
import { z } from 'zod/v4';
import type { SecuritySettings } from '../../transport/url-guard.ts';
import { UrlGuard } from '../../transport/url-guard.ts';
import { hostOf } from '../../transport/host-name.ts';
import { isLoopback } from '../../transport/loopback.ts';
import { DOCKER_HOST } from '../init/templates/index.ts';
import { placeOf } from '../init/write-files.ts';
import { ask, type Asked } from './ask.ts';
import type { Finding } from './finding.ts';
import type { ReadConfig } from './runner.ts';

/** The members of an answer that the doctor reads. */
const endpointsSchema = z.object({
	endpoints: z.array(
		z.object({
			// It becomes a part of commands that an operator copies.
			id: z.string().regex(/^[\w-]{1,64}$/),
			name: z.string(),
			url: z.url(),
			status: z.string(),
			disabled_reason: z.string().optional(),
			health: z.object({ consecutive_failures: z.number() }),
		}),
	),
});
type ShownEndpoint = z.infer<typeof endpointsSchema>['endpoints'][number];

const webhooksSchema = z.object({
	webhook_deliveries: z.array(
		z.object({
			attempts: z.array(
				z.object({
					status: z.number().optional(),
					error: z.object({ message: z.string() }).optional(),
				}),
			),
		}),
	),
});

/** Checks every endpoint: its URL, its state, and the answer to its latest webhook. */
export async function examineEndpoints(
	asked: Asked,
	read: ReadConfig | undefined,
): Promise<readonly Finding[]> {
	const what = 'endpoints';
	const { status, body } = await ask(asked, 'GET', '/endpoints');
	const listed = endpointsSchema.safeParse(body);
	if (status !== 200) {
		return [{ what, ok: false, found: `the runner answered ${status} to /endpoints` }];
	}
	if (!listed.success) {
		const found = `the answer of ${new URL(asked.url).origin} to /endpoints is not that of a Sureping runner`;
		return [{ what, ok: false, found }];
	}
	if (listed.data.endpoints.length === 0) {
		const found = 'none yet: a workflow with a trigger of a runner makes one when it is published';
		return [{ what, ok: true, found }];
	}
	return await Promise.all(
		listed.data.endpoints.map(
			async (endpoint) =>
				(await problemOf(endpoint, asked, read)) ?? {
					what: nameOf(endpoint),
					ok: true,
					found: 'is enabled, and its latest webhook was accepted or none was sent',
				},
		),
	);
}

const nameOf = ({ name }: ShownEndpoint): string => `endpoint ${name}`;

async function problemOf(
	endpoint: ShownEndpoint,
	asked: Asked,
	read: ReadConfig | undefined,
): Promise<Finding | undefined> {
	const fail = (found: string, change: string): Finding => ({
		what: nameOf(endpoint),
		ok: false,
		found,
		change,
	});
	const url = new URL(endpoint.url);
	if (read && isLoopback(url) && isInContainer(read.file)) {
		return fail(
			`has a URL at ${hostOf(url)}, which is the runner's own container`,
			webhookUrl(url),
		);
	}
	const isOfConfig = read?.config.endpoints.some(({ name }) => name === endpoint.name);
	const refusal = read && !isOfConfig && (await refusalOf(endpoint.url, read.config.security));
	if (refusal !== undefined && refusal !== false) {
		const inContainer = isLoopback(url)
			? `. Where the runner is in a container, that is the container: ${webhookUrl(url)}`
			: '';
		return fail(`its URL ${refusal}`, allowHost(hostOf(url), read) + inContainer);
	}
	if (endpoint.status === 'disabled') {
		return fail(disabledFor(endpoint.disabled_reason), `sureping endpoints enable ${endpoint.id}`);
	}
	if (endpoint.health.consecutive_failures === 0) return undefined;
	const { reason, status } = await lastFailure(endpoint, asked);
	return fail(
		`fails, ${endpoint.health.consecutive_failures} times in a row: ${reason}`,
		status === 404 ? forNotFound(url) : `sureping endpoints test ${endpoint.id} shows its answer`,
	);
}

/** The reason for which API callers may not name this URL. */
export async function refusalOf(
	url: string,
	security: SecuritySettings,
): Promise<string | undefined> {
	// The message names the setting as well; `change` has the line to write.
	return (await new UrlGuard(security).refuse(url))?.split('; to allow', 1)[0];
}

/** The line of the config that allows a host. */
export const allowHost = (host: string, read: ReadConfig | undefined): string => {
	const hosts = [...new Set([...(read?.config.security.allow_hosts ?? []), host])];
	return `in ${read?.file ?? 'the config'}, security: allow_hosts: [${hosts.join(', ')}]; then start the runner again`;
};

/** True if the runner of this config runs in the container that `init` described beside it. */
export const isInContainer = (configFile: string): boolean =>
	placeOf(join(dirname(resolve(configFile)), 'compose.yaml')).is === 'own';

/** The variable of n8n that its webhook URLs begin with. */
export function webhookUrl(url: URL): string {
	const port = url.port === '' ? '' : `:${url.port}`;
	return `start n8n with WEBHOOK_URL=${url.protocol}//${DOCKER_HOST}${port}/ (or the name of its service in place of ${DOCKER_HOST}), and publish the workflow again`;
}

function disabledFor(reason: string | undefined): string {
	switch (reason) {
		case 'gone':
			return 'is disabled: it answered 410, so its URL is gone';
		case 'failing':
			return 'is disabled: it failed for too long';
		default:
			return 'is disabled by hand';
	}
}

async function lastFailure(
	{ id }: ShownEndpoint,
	asked: Asked,
): Promise<{ readonly reason: string; readonly status: number | undefined }> {
	const path = '/webhook-deliveries';
	const { status, body } = await ask(asked, 'GET', `${path}?endpoint=${id}&limit=20`);
	if (status !== 200) {
		return { reason: `the runner answered ${status} to ${path}`, status: undefined };
	}
	const webhooks = webhooksSchema.safeParse(body).data?.webhook_deliveries ?? [];
	const failed = webhooks.flatMap(({ attempts }) =>
		attempts.filter(({ error }) => error).slice(-1),
	);
	const [latest] = failed;
	return {
		reason: latest?.error?.message ?? 'its webhook delivery is not in the log any more',
		status: latest?.status,
	};
}

/** n8n answers 404 for a webhook whose workflow is not active, and for a test URL that is not listening. */
const forNotFound = ({ pathname }: URL): string =>
	pathname.includes('/webhook-test/')
		? 'this is a test URL, which n8n serves only while its editor listens: publish the workflow'
		: 'in n8n publish the workflow of this trigger: n8n answers 404 while it is not active';
