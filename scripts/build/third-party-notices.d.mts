export function thirdPartyNotices(files: readonly string[]): Promise<string>;
