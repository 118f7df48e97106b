import type { IHookFunctions } from 'n8n-workflow';

/** The systems that a trigger can register its URL with; other webhooks are set up by hand. */
const REGISTRARS = ['sureping', 'pingram'] as const;
export type Registrar = (typeof REGISTRARS)[number];

/** The system that this node registers with; undefined where it does not. */
export function registrarOf(context: IHookFunctions): Registrar | undefined {
	const provider = context.getNodeParameter('provider');
	const isAutomatic = context.getNodeParameter('registration', 'automatic') === 'automatic';
	return isAutomatic ? REGISTRARS.find((registrar) => registrar === provider) : undefined;
}
