import { z } from 'zod/v4';

/**
 * An object with whatever it has. `z.record` is not for what others name: it refuses an object with a member called
 * `constructor` (zod, `isPlainObject`).
 */
export const jsonObjectSchema = z.looseObject({});
