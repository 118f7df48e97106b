import type { ICredentialTestFunctions, INodeCredentialTestResult } from 'n8n-workflow';
import type { HttpReply, HttpRequest } from '../../engine/ports.ts';
import type { HostedService } from '../services/hosted-service.ts';
import { fails, works } from './result.ts';
import { testPort } from './test-port.ts';

const TIMEOUT_MS = 10_000;

/** The test of a hosted service's credential. It has a half that sends and a half that receives; either is enough. */
export interface HostedTest {
	readonly service: HostedService;
	/** The names of each half's fields, for a user who left them empty. */
	readonly sendingFields: string;
	readonly receivingField: string;
	readonly canSend: boolean;
	readonly canReceive: boolean;
	/** A request that sends no message. */
	readonly request: () => Omit<HttpRequest, 'timeoutMs'>;
	/** The result that an answer proves; undefined when it proves nothing. */
	judge(reply: HttpReply): INodeCredentialTestResult | undefined;
}

/** Tests the half that sends. Only a webhook can prove the half that receives. */
export async function testHosted(
	context: ICredentialTestFunctions,
	{ service, sendingFields, receivingField, canSend, canReceive, request, judge }: HostedTest,
): Promise<INodeCredentialTestResult> {
	const { title } = service;
	if (!canSend) {
		return canReceive
			? works(
					`Ready to receive; the first webhook will prove the ${receivingField}. To send, enter the ${sendingFields}.`,
				)
			: fails(`Enter the ${sendingFields} to send, the ${receivingField} to receive, or both`);
	}
	const reply = await testPort(context)({ ...request(), timeoutMs: TIMEOUT_MS });
	if ('failure' in reply) return fails(`${title}: ${reply.detail}`);
	return (
		judge(reply) ??
		(reply.status === 401 || reply.status === 403
			? fails(`${title} does not accept the ${sendingFields}`)
			: fails(
					`${title} answered ${reply.status}, which neither proves nor refuses the ${sendingFields}`,
				))
	);
}

/**
 * For a service without a call that only checks credentials. The test sends an empty request, which lacks every required
 * field: 400 or 422 can only come after the credentials were accepted.
 */
export function refusedAsEmpty(
	{ title }: HostedService,
	sendingFields: string,
): HostedTest['judge'] {
	return ({ status }) =>
		status === 400 || status === 422
			? works(`${title} accepted the ${sendingFields} and refused an empty request, as it should`)
			: undefined;
}

/** True for a field of a credential that is not empty. */
export function isFilled(value: unknown): value is string {
	return typeof value === 'string' && value.trim() !== '';
}
