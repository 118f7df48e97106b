import { VERSION } from './version.ts';

/**
 * False until the first release: then no registry has the packages and the image, and every way in that the docs and
 * `init` show is a clone or a packed tarball. The first release sets it.
 */
export const PUBLISHED = false as boolean;

/** The image of this version, where it is published, else as `docker build` in a clone names it. */
export const imageName = (published: boolean): string =>
	`${published ? 'ghcr.io/sureping/' : ''}sureping:${VERSION}`;

/** The image of this version as it is called now. */
export const IMAGE = imageName(PUBLISHED);
