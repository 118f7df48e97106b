import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { isFilled } from './hosted-service.ts';
import { fails, works } from './result.ts';

/** RFC 9110 §5.6.2. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** OnePush publishes no API to test against, so only the form of the fields is checked. Nothing is requested. */
export async function testOnePush(
	this: ICredentialTestFunctions,
	{ data = {} }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const { url, headerName, secretHeaderValue, webhookSecret } = data;
	if (!isFilled(url)) {
		return isFilled(webhookSecret)
			? works(
					'Ready to receive; the first webhook will prove the secret. To send, enter the URL and the header.',
				)
			: fails('Enter the URL and the header to send, the webhook secret to receive, or both');
	}
	if (!URL.canParse(url.trim()) || !/^https?:/i.test(url.trim())) {
		return fails('URL: must be a complete URL, such as https://example.com/send');
	}
	if (!isFilled(headerName) || !HEADER_NAME.test(headerName)) {
		return fails('Header Name: must be the name of a header, such as Authorization');
	}
	if (!isFilled(secretHeaderValue) || /[\r\n]/.test(secretHeaderValue)) {
		return fails('Header Value: must be one line that is not empty');
	}
	return works(
		'The URL and the header have the right form. OnePush has no call to test them with, so the first send will prove them.',
	);
}
