import { z } from 'zod/v4';

/** The id of a contact, or the name of a policy or an on-call: it stands in URLs, in `contact:ID` and in logs. */
export const entryNameSchema = z
	.string()
	.regex(
		/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
		'must be letters, digits, ".", "_" or "-", at most 64',
	);
