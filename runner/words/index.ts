/** Messages for people: mistakes in a value, suggestions, and reasons for errors. */
export { type Mistake, mistakesOf, speakPlainly, unknownField, valueAt } from './mistakes.ts';
export { didYouMean } from './nearest.ts';
export { fileReason } from './file-reason.ts';
export { shellWord } from './shell-word.ts';
export { networkReason, NOTHING_LISTENS } from './network-reason.ts';
