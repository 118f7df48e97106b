/** A number of a version has no zero before it (semver.org §2). */
const VERSION = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/;

const numbersOf = (version: string): readonly number[] | undefined =>
	VERSION.exec(version)?.slice(1).map(Number);

/** The tag of a version in git. */
export const tagOf = (version: string): string => `v${version}`;

/** The version of a tag, or the text itself if it is no tag of a version. */
export const versionOf = (tag: string): string => tag.replace(/^v/, '');

/** Says if a text is a version that can be released: three numbers, without a suffix. */
export const isVersion = (text: string): boolean => numbersOf(text) !== undefined;

/** Compares two versions, for sorting. A text that is no version counts as the oldest. */
export function compareVersions(one: string, other: string): number {
	const [a = [], b = []] = [numbersOf(one), numbersOf(other)];
	const at = [0, 1, 2].find((place) => (a[place] ?? -1) !== (b[place] ?? -1));
	return at === undefined ? 0 : (a[at] ?? -1) - (b[at] ?? -1);
}
