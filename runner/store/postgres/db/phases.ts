import type { PhasesByStep } from '../../rules/phases.ts';

/**
 * Phases of the steps that move many rows; a step's SQL in `MIGRATIONS` runs before them. Like that SQL, they stay as they
 * were released.
 */
export const PHASES: PhasesByStep = {};
