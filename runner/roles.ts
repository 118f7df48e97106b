/** `api` accepts and answers; `worker` dispatches, pushes and keeps house. */
export const ROLES = ['api', 'worker'] as const;
export type Role = (typeof ROLES)[number];
