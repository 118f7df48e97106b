import type { IHookFunctions } from 'n8n-workflow';
import { isListening } from './activation.ts';
import { startListening, stopListening } from './listen-for-test-event.ts';
import {
	isPingramRegistered,
	registerAtPingram,
	unregisterAtPingram,
} from './pingram-registration.ts';
import { isRegistered, pause, register } from './runner-registration.ts';
import { type Registrar, registrarOf } from './registrar.ts';
import { storedEndpoint } from './stored-endpoint.ts';

/** n8n's three calls to a trigger, for one provider to register with. */
interface LifeCycle {
	checkExists(context: IHookFunctions): Promise<boolean>;
	create(context: IHookFunctions): Promise<boolean>;
	delete(context: IHookFunctions): Promise<boolean>;
}

const LIFE_CYCLES: Readonly<Record<Registrar, LifeCycle>> = {
	sureping: {
		checkExists: async (context) => (isListening(context) ? false : await isRegistered(context)),
		create: async (context) =>
			isListening(context) ? await startListening(context) : await register(context),
		// n8n calls this both when a test ends and when the workflow is deactivated.
		delete: async (context) =>
			storedEndpoint(context)?.isEphemeral ? await stopListening(context) : await pause(context),
	},
	pingram: {
		checkExists: async (context) =>
			isListening(context) ? false : await isPingramRegistered(context),
		create: registerAtPingram,
		delete: unregisterAtPingram,
	},
};

/** For a webhook that a user sets up by hand. */
const BY_HAND: LifeCycle = {
	checkExists: async () => true,
	create: async () => true,
	delete: async () => true,
};

export function lifeCycle(context: IHookFunctions): LifeCycle {
	const registrar = registrarOf(context);
	return registrar ? LIFE_CYCLES[registrar] : BY_HAND;
}
