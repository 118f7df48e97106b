/** A mistake that somebody could make in the product. Under it the chaos run must fail. */
export interface Mutant {
	readonly name: string;
	/** It shows in a run with incidents only. */
	readonly hasIncidents?: true;
	/** In every store that has the line, and so in each kind of run. */
	readonly edits: readonly Edit[];
	/** The checks that this breaks; one of them has to notice. */
	readonly breaks: readonly string[];
}

export interface Edit {
	/** From the root of the repository. */
	readonly file: string;
	/** As it stands there, once. */
	readonly original: string;
	readonly mutated: string;
}
