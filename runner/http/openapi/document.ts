export type Schema = Readonly<Record<string, unknown>>;

export interface Media {
	schema?: Schema;
	example?: unknown;
}

export interface Response {
	description?: string;
	readonly content?: Readonly<Record<string, Media>>;
	readonly $ref?: string;
}

export interface Parameter {
	readonly name: string;
	readonly in: string;
	description?: string;
	example?: unknown;
	schema: Schema;
}

export interface Operation {
	operationId?: string;
	readonly security?: readonly unknown[];
	parameters?: readonly Parameter[];
	readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
	responses: Record<string, Response>;
}

/** The parts of an OpenAPI 3.1 document that are read or completed here. */
export interface Document {
	readonly paths?: Readonly<Record<string, Readonly<Partial<Record<Method, Operation>>>>>;
	readonly components?: object;
}

export const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
type Method = (typeof METHODS)[number];
