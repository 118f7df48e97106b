import type { INodeCredentialTestResult } from 'n8n-workflow';

export const works = (message: string): INodeCredentialTestResult => ({ status: 'OK', message });
export const fails = (message: string): INodeCredentialTestResult => ({ status: 'Error', message });
