export declare function inOwnDirectory<T>(
	work: (environment: Record<string, string>) => Promise<T>,
	options?: { inMemory?: boolean; isCutShort?: (result: T) => boolean },
): Promise<{ result: T; left: string[] }>;
