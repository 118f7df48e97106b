import type { Contact } from './contact.ts';
import type { OnCall } from './on-call.ts';
import type { Policy } from './policy.ts';

/** Those on call at a moment. */
export interface Duty {
	/** Ids of contacts; none where nobody is on call. */
	readonly who: readonly string[];
	/** The reason why nobody is, in words. */
	readonly nobody?: string;
	/** A fault that did not prevent the answer, such as a calendar that cannot be read: the last known one counts. */
	readonly warning?: string;
}

/** Everybody who can be paged, as the configuration and the API have them at one moment. */
export interface Directory {
	contact(id: string): Contact | undefined;
	onCall(name: string): OnCall | undefined;
	policy(name: string): Policy | undefined;
	/** The contacts on call at `at`; undefined where there is no on-call of this name. */
	duty(name: string, at: number): Duty | undefined;
	readonly contacts: readonly Contact[];
	readonly onCalls: readonly OnCall[];
	readonly policies: readonly Policy[];
}
