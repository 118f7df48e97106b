/** `api` accepts and answers; `worker` dispatches, pushes and does upkeep. */
export const ROLES = ['api', 'worker'] as const;
export type Role = (typeof ROLES)[number];
