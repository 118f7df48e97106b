export const TAGS = ['Incidents'];

/** Options of routes that answer an incident, and then show it. */
export const MAY_RESPOND = { config: { scopes: ['respond'], isLarge: true } } as const;
