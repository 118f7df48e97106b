import type { ICredentialTestFunctions, IDataObject } from 'n8n-workflow';
import type { HttpClient } from '../../engine/ports.ts';
import { plainHeaders } from '../http/call-api.ts';
import { toTransportFailure } from '../http/transport-failure.ts';
import { unusableUrl } from '../http/unusable-url.ts';

/** The engine's HTTP port in a credential test, where n8n offers only its older `request`. */
export function testPort({ helpers }: ICredentialTestFunctions): HttpClient {
	return async ({ method, url, headers, body, timeoutMs }) => {
		const unusable = unusableUrl(url);
		if (unusable) return unusable;
		try {
			const reply: { statusCode: number; headers: IDataObject; body: unknown } =
				await helpers.request({
					method,
					uri: url,
					headers: { ...headers },
					// Bytes, because `request` would turn other text into JSON.
					...(body === undefined ? {} : { body: Buffer.from(body) }),
					timeout: timeoutMs,
					simple: false,
					resolveWithFullResponse: true,
					followRedirect: false,
				});
			const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
			return { status: reply.statusCode, headers: plainHeaders(reply.headers), body: text ?? '' };
		} catch (thrown) {
			return toTransportFailure(thrown, timeoutMs);
		}
	};
}
