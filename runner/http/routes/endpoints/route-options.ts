import { z } from 'zod/v4';

export const TAGS = ['Endpoints'];

/** Options of routes that change endpoints. */
export const MAY_CHANGE = { config: { scopes: ['endpoints'] } } as const;

/** Options of routes that only show endpoints. */
export const MAY_READ = { config: { scopes: ['endpoints', 'read'] } } as const;

export const paramsSchema = z.object({ id: z.string() });
