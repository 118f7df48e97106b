/** Whether a `store` of the configuration is a PostgreSQL URL. */
export const isPostgres = (store: string): boolean => /^postgres(ql)?:\/\//.test(store);
