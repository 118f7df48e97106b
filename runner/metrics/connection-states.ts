import type { ConnectionStatus } from '../workers/connection-gates.ts';

/** The states of a connection in the order of their numbers in `sureping_connection_state`. */
export const CONNECTION_STATES: readonly ConnectionStatus['status'][] = ['ok', 'paused', 'down'];
