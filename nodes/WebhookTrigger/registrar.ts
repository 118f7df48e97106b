import type { IHookFunctions } from 'n8n-workflow';

/** Who takes registrations, unless the webhook is set up by hand. */
const REGISTRARS = ['sureping', 'pingram'] as const;
export type Registrar = (typeof REGISTRARS)[number];

/** Where this node registers itself; undefined where it does not. */
export function registrarOf(context: IHookFunctions): Registrar | undefined {
	const provider = context.getNodeParameter('provider');
	const isAutomatic = context.getNodeParameter('registration', 'automatic') === 'automatic';
	return isAutomatic ? REGISTRARS.find((registrar) => registrar === provider) : undefined;
}
