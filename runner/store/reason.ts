/** What went wrong, in words that repeat nothing of what was being read: a parser's message quotes its text. */
export function reasonOf(error: unknown): string {
	if (error instanceof SyntaxError) return 'It is not JSON any more';
	return error instanceof Error ? error.message : String(error);
}
