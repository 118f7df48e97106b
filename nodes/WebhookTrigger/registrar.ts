import type { IHookFunctions } from 'n8n-workflow';

/** Providers that the node registers with, unless the webhook is set up by hand. */
const REGISTRARS = ['sureping', 'pingram'] as const;
export type Registrar = (typeof REGISTRARS)[number];

/** The provider that this node registers with; undefined if it does not register. */
export function registrarOf(context: IHookFunctions): Registrar | undefined {
	const provider = context.getNodeParameter('provider');
	const isAutomatic = context.getNodeParameter('registration', 'automatic') === 'automatic';
	return isAutomatic ? REGISTRARS.find((registrar) => registrar === provider) : undefined;
}
