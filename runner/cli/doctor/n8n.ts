import { hostOf } from '../../transport/host-name.ts';
import { isLoopback } from '../../transport/loopback.ts';
import { readAddress, USUAL_N8N, whyNoN8n } from '../init/n8n-address.ts';
import { DOCKER_HOST } from '../init/templates/index.ts';
import { allowHost, isInContainer, refusalOf, webhookUrl } from './endpoints.ts';
import type { Finding } from './finding.ts';
import type { ReadConfig } from './runner.ts';

/** Checks that n8n answers at this address, and that its webhook URLs may be called. */
export async function examineN8n(
	text: string,
	read: ReadConfig | undefined,
): Promise<readonly Finding[]> {
	const what = 'n8n';
	const address = readAddress(text, USUAL_N8N);
	if (!address.ok) return [{ what, ok: false, found: `--n8n ${address.reason}` }];
	const { url } = address;
	const reason = await whyNoN8n(url);
	const shown = url.href.replace(/\/$/, '');
	const reached: Finding =
		reason === undefined
			? { what, ok: true, found: `answers at ${shown}` }
			: {
					what,
					ok: false,
					found: `does not answer at ${shown} from here: ${reason}`,
					change: 'start n8n, or correct --n8n; run this command where the runner runs',
				};
	return [reached, ...(read ? [await callableFrom(url, read)] : [])];
}

/** The webhook URLs of n8n's triggers, as the runner sees them. */
async function callableFrom(url: URL, read: ReadConfig): Promise<Finding> {
	const what = 'n8n webhooks';
	const isElsewhere = isLoopback(url) && isInContainer(read.file);
	const host = isElsewhere ? DOCKER_HOST : hostOf(url);
	const called = new URL('/webhook/', url);
	if (isElsewhere) called.hostname = DOCKER_HOST;
	const refusal = await refusalOf(called.href, read.config.security);
	if (refusal !== undefined) {
		const found = `the runner may not call ${host}: such a URL ${refusal}`;
		return { what, ok: false, found, change: allowHost(host, read) };
	}
	return {
		what,
		ok: true,
		found: isElsewhere
			? `the runner's container calls n8n as ${DOCKER_HOST}: ${webhookUrl(url)}`
			: `the runner may call ${host}`,
	};
}
