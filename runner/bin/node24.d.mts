export declare const REQUIRED_MAJOR: number;
export declare function cacheDirectory(env?: NodeJS.ProcessEnv): string;
