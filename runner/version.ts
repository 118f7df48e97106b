import manifest from './package.json' with { type: 'json' };

/** Of this runner, as npm knows it. */
export const VERSION: string = manifest.version;
