import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { checkConnection } from '../../engine/channels/index.ts';
import { DIRECT_SERVICES, openService } from '../services/direct.ts';
import { fails, works } from './result.ts';
import { testPort } from './test-port.ts';

type CredentialTest = (
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
) => Promise<INodeCredentialTestResult>;

/** The test of a direct channel's credential: the engine's own, which calls the service and sends no message. */
export function testOf(credentialType: string): CredentialTest {
	return async function ({ name, data = {} }) {
		const service = DIRECT_SERVICES.find(({ credential }) => credential === credentialType);
		const opened = service && openService(service, name, data);
		if (!opened) return fails('The node does not know this credential');
		if (!opened.ok) return fails(opened.toChange.join('; '));
		const transports = { http: testPort(this) };
		const found = await checkConnection(opened.connection, transports, { now: Date.now });
		if (found.result === 'failed') return fails(found.error.message);
		if (found.result === 'unknown')
			return fails(`The credential could not be tested: ${found.reason}`);
		return works(
			found.detail ? `Connection successful! (${found.detail})` : 'Connection successful!',
		);
	};
}
