/** True for a PostgreSQL URL, which the `store` of the configuration may be. */
export const isPostgres = (store: string): boolean => /^postgres(ql)?:\/\//.test(store);
