import type { ICredentialTestFunctions, INodeCredentialTestResult } from 'n8n-workflow';
import type { HttpReply, HttpRequest } from '../../engine/ports.ts';
import { fails, works } from './result.ts';
import { testPort } from './test-port.ts';

const TIMEOUT_MS = 10_000;

/** A hosted service whose credential both sends and receives; either half alone is enough. */
export interface HostedService {
	readonly title: string;
	/** What the fields are called, for a person who left them empty. */
	readonly sendingFields: string;
	readonly receivingField: string;
	readonly canSend: boolean;
	readonly canReceive: boolean;
	/** A request that sends nothing to anybody. */
	readonly request: () => Omit<HttpRequest, 'timeoutMs'>;
	/** What the answer proves; undefined when it proves nothing. */
	judge(reply: HttpReply): INodeCredentialTestResult | undefined;
}

/** Asks the service about the half that sends. The half that receives is only ever proven by a webhook. */
export async function testHosted(
	context: ICredentialTestFunctions,
	service: HostedService,
): Promise<INodeCredentialTestResult> {
	const { title, sendingFields, receivingField, canSend, canReceive, request, judge } = service;
	if (!canSend) {
		return canReceive
			? works(
					`Ready to receive; the first webhook will prove the ${receivingField}. Sending needs the ${sendingFields}.`,
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

/** Whether a field of a credential has something in it. */
export function isFilled(value: unknown): value is string {
	return typeof value === 'string' && value.trim() !== '';
}
