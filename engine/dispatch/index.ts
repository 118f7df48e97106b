export { accept } from './accept.ts';
export { type Addressee, type AddressBook, heldUntil } from './address-book.ts';
export { cancel } from './cancel.ts';
export { outgoingMessage } from './message.ts';
export { publishLoopStopped, publishUndelivered } from './overall.ts';
export {
	type CatalogEntry,
	type Plan,
	type PlannedTarget,
	planSend,
	type PlanResult,
	type Problem,
	withRules,
} from './plan.ts';
export { problemsBeyond } from './problems-beyond.ts';
export { type MemoryHost, runToEnd } from './run.ts';
export { isExpired } from './fall-back.ts';
export { applyReport, unreported } from './report.ts';
export { expire, giveUp, holdBack, settle } from './settle.ts';
export type { StepPorts, Transition } from './transition.ts';
