export declare function cacheDirectory(env?: NodeJS.ProcessEnv): string;
