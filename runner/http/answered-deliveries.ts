import type { Delivery } from '@sureping/engine';
import type { ApiKey } from '../config/config.ts';
import type { SendAnswer } from '../store/contract/sends.ts';
import { shownAddress } from './directory/masked-address.ts';

/** The deliveries of a send as its answer lists them. A caller that named a contact does not learn the address from it. */
export function answeredDeliveries(
	deliveries: readonly Delivery[],
	apiKey: Pick<ApiKey, 'scopes'>,
): SendAnswer['deliveries'] {
	return deliveries.map(({ id, channel, recipient, contactId }) => ({
		id,
		channel,
		recipient: contactId === undefined ? recipient : shownAddress(recipient, apiKey),
		...(contactId === undefined ? {} : { contact_id: contactId }),
	}));
}
