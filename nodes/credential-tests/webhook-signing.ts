import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { fails, works } from './result.ts';

/** The shortest secret that the runner configuration accepts. Providers make longer ones, and users should too. */
const SHORTEST_SECRET = 16;

/** A signing secret cannot be tested against a server, so only typical pasting mistakes are found. */
export async function testWebhookSigning(
	this: ICredentialTestFunctions,
	{ data = {} }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const { secret, previousSecret } = data;
	if (typeof secret !== 'string' || secret === '') return fails('Enter the secret');
	for (const [name, value] of [
		['secret', secret],
		['previous secret', previousSecret],
	]) {
		if (typeof value === 'string' && value !== value.trim()) {
			return fails(`The ${String(name)} has white space around it`);
		}
	}
	if (secret === previousSecret) {
		return fails('The previous secret is the secret; clear it, or enter the new one');
	}
	if (secret.length < SHORTEST_SECRET) {
		return fails(
			`The secret is shorter than ${SHORTEST_SECRET} characters; paste all of it, or choose a longer one`,
		);
	}
	return works('The secret looks complete; the first webhook will prove it');
}
