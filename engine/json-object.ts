import { z } from 'zod/v4';

/**
 * An object with any members. `z.record` does not suit names that others choose: it refuses an object with a member
 * called `constructor` (zod, `isPlainObject`).
 */
export const jsonObjectSchema = z.looseObject({});
