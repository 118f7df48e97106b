import manifest from './package.json' with { type: 'json' };

/** Version of this runner, as npm knows it. */
export const VERSION: string = manifest.version;
