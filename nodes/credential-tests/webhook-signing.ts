import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { fails, works } from './result.ts';

/** The shortest that the runner's configuration takes. */
const SHORTEST_SECRET = 16;

/** A signing secret answers to nobody, so only what a paste gets wrong can be found. */
export async function testWebhookSigning(
	this: ICredentialTestFunctions,
	{ data = {} }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const { secret } = data;
	if (typeof secret !== 'string' || secret === '') return fails('Enter the secret');
	if (secret !== secret.trim()) return fails('The secret has white space around it');
	if (secret.length < SHORTEST_SECRET) {
		return fails(`The secret is shorter than ${SHORTEST_SECRET} characters; paste all of it`);
	}
	return works('The secret looks complete; the first webhook will prove it');
}
