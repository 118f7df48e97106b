/** The secrets that a runner makes for itself. */
export const SECRET_NAMES = ['answer_links'] as const;
export type SecretName = (typeof SECRET_NAMES)[number];

/** Secrets that a runner makes once and keeps in its database, so that all processes and later starts have the same. */
export interface Secrets {
	/** The secret of this name. Where there is none yet, `fresh` becomes it; of two processes at once, one wins for both. */
	keep(name: SecretName, fresh: Uint8Array): Promise<Uint8Array>;
}
