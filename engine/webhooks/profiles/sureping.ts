import { isReceivedType, RECEIVED_TYPES } from '../../vocabulary.ts';
import { onePing } from './one-ping.ts';
import type { Profile } from './profile.ts';

/**
 * The format of our own trigger's endpoints: One-Ping's with every event type, also those about no single delivery,
 * those that only other providers report and `unknown`.
 */
export const sureping: Profile = {
	...onePing,
	docs: {
		signature: '`X-OnePing-Signature`',
		events: 'all, `unknown` too',
	},
	carriesAbout: true,
	overall: (event) => event,
	defaultEvents: Object.keys(RECEIVED_TYPES).filter(isReceivedType),
};
