/**
 * Escalation: incidents, policies, contacts and on-call, as pure transitions.
 *
 * @module
 */
export { advance } from './advance.ts';
export * from './answers.ts';
export * from './clock-time.ts';
export * from './contact.ts';
export * from './directory.ts';
export * from './escalated-send.ts';
export { dutyAt, type DutyChange, type DutyFacts, type KnownCalendar, nextDuty } from './duty.ts';
export * from './incident.ts';
export * from './names.ts';
export * from './notify-target.ts';
export * from './on-call.ts';
export * from './open.ts';
export * from './opening.ts';
export * from './policy.ts';
export * from './problems.ts';
export { problemsOfContact } from './problems-of-contact.ts';
export { problemsOfOnCall } from './problems-of-on-call.ts';
export { quietUntil } from './quiet-hours.ts';
export type { TimeZones, WallClock } from './time-zones.ts';
export * from './transition.ts';
