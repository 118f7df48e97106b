import type {
	IAuthenticateGeneric,
	Icon,
	ICredentialTestRequest,
	ICredentialType,
	INodeProperties,
} from 'n8n-workflow';

export class SurepingApi implements ICredentialType {
	name = 'surepingApi';

	displayName = 'Sureping Runner API';

	icon: Icon = { light: 'file:../icons/sureping.svg', dark: 'file:../icons/sureping.dark.svg' };

	documentationUrl = 'https://github.com/sureping/sureping#readme';

	properties: INodeProperties[] = [
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'http://127.0.0.1:8477',
			required: true,
			placeholder: 'e.g. https://ping.example.com',
			description:
				'Where n8n reaches the runner. In a container, 127.0.0.1 is the container itself: use the host name of the runner instead.',
		},
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description:
				'A key from api_keys in the configuration of the runner. Sending needs its scope "send", reading back "read", the trigger "endpoints".',
		},
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: { headers: { Authorization: '=Bearer {{$credentials.apiKey}}' } },
	};

	/** Every status is read from the body, since only rules about the body can say what must be there. */
	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{$credentials.baseUrl}}',
			url: '/connections',
			ignoreHttpStatusErrors: true,
		},
		rules: [
			{
				type: 'responseSuccessBody',
				properties: {
					key: 'status',
					value: 401,
					message: 'The runner does not know this API key',
				},
			},
			{
				type: 'responseSuccessBody',
				properties: {
					key: 'status',
					value: 403,
					message: 'This API key needs the scope "send" or "read"',
				},
			},
			{
				// Some other server can answer 200 to anything; only a runner lists connections.
				type: 'responseSuccessBody',
				properties: {
					key: 'connections',
					value: undefined,
					message: 'Something answers at this base URL, but not as a Sureping runner does',
				},
			},
		],
	};
}
