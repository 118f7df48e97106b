export declare function inOwnDirectory<T>(
	work: (environment: Record<string, string>) => Promise<T>,
): Promise<{ result: T; left: string[] }>;
