/** The first line of every file that `init` writes. By it a later `init` knows the file as its own, and keeps it. */
export const MADE_BY = '# Made by "sureping init".';
