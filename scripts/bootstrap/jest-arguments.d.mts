export declare function jestArguments(project: string, args: string[]): string[];
