export function ensureNode20(env?: NodeJS.ProcessEnv): Promise<string>;
