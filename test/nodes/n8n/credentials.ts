import './environment.ts';
import {
	type IAuthenticateGeneric,
	type ICredentialDataDecryptedObject,
	ICredentialsHelper,
	type IHttpRequestOptions,
	type INodeCredentialsDetails,
} from 'n8n-workflow';
import type { PackageDirectoryLoader } from 'n8n-core';
import { credentialType } from './package.ts';

/** Credential data by credential type. */
export type Credentials = Readonly<Record<string, ICredentialDataDecryptedObject>>;

/** As much of n8n's credentials helper as our nodes reach: reading data, and signing requests in. */
export class TestCredentialsHelper extends ICredentialsHelper {
	/** Number of times that a credential was decrypted. */
	reads = 0;
	/** The stored credentials; tests change them as a person would in n8n. */
	data: Credentials;
	private readonly loader: PackageDirectoryLoader;

	constructor(loader: PackageDirectoryLoader, data: Credentials) {
		super();
		this.loader = loader;
		this.data = data;
	}

	async getDecrypted(
		_additional: unknown,
		_node: INodeCredentialsDetails,
		type: string,
	): Promise<ICredentialDataDecryptedObject> {
		this.reads++;
		const defaults = credentialType(this.loader, type).properties.map(
			({ name, default: value }) => [name, value],
		);
		return { ...Object.fromEntries(defaults), ...this.data[type] };
	}

	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		type: string,
		request: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> {
		// Each of ours that signs requests in does it by headers or by Basic authorization.
		const { properties } = credentialType(this.loader, type).authenticate as IAuthenticateGeneric;
		const fill = (template: string): string =>
			template
				.replace(/^=/, '')
				.replace(/\{\{\$credentials\.(\w+)\}\}/g, (_, key: string) => String(credentials[key]));
		const headers = Object.entries(properties.headers ?? {}).map(([name, value]) => [
			fill(name),
			fill(String(value)),
		]);
		const { auth } = properties;
		return {
			...request,
			headers: { ...request.headers, ...Object.fromEntries(headers) },
			...(auth && { auth: { username: fill(auth.username), password: fill(auth.password) } }),
		};
	}

	isCredentialUsableByNode = () => true;
	getParentTypes = () => [];
	preAuthentication = async () => undefined;
	runPreAuthentication = async () => undefined;
	getCredentials = () => unused('getCredentials');
	updateCredentials = () => unused('updateCredentials');
	updateCredentialsOauthTokenData = () => unused('updateCredentialsOauthTokenData');
	getCredentialsProperties = (type: string) => credentialType(this.loader, type).properties;
}

function unused(name: string): never {
	throw new Error(`${name} is not part of these tests`);
}
