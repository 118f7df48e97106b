/** Error texts for people: what is wrong with a value, and what was probably meant. */
export { type Mistake, mistakesOf, speakPlainly } from './mistakes.ts';
export { didYouMean } from './nearest.ts';
export { fileReason } from './file-reason.ts';
export { networkReason, NOTHING_LISTENS } from './network-reason.ts';
