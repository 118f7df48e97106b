import type { IAuthenticateGeneric, Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** The runner's address and key. Tested by the nodes (`testedBy`), with the same error messages as in an execution. */
export class SurepingApi implements ICredentialType {
	name = 'surepingApi';

	displayName = 'Sureping Runner API';

	icon: Icon = { light: 'file:../icons/sureping.svg', dark: 'file:../icons/sureping.dark.svg' };

	documentationUrl =
		'https://github.com/sureping/sureping/blob/main/docs/quick-start.md#i-have-an-n8n';

	properties: INodeProperties[] = [
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'http://127.0.0.1:8477',
			required: true,
			placeholder: 'e.g. https://ping.example.com',
			description:
				'The address at which n8n reaches the runner. In a container, 127.0.0.1 is the container itself: use the host name of the runner, such as http://sureping:8477 in Docker Compose.',
		},
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description:
				'A key from api_keys in the runner configuration. A runner that starts without a configuration prints a key. Sending needs the scope "send", reading needs "read", and the trigger needs "endpoints".',
		},
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: { headers: { Authorization: '=Bearer {{$credentials.apiKey}}' } },
	};
}
