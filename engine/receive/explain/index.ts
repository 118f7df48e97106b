export { explainRejection } from './explain-rejection.ts';
export type { Explanation } from './explanation.ts';
export type { Mistake, MistakeCode } from './mistakes.ts';
