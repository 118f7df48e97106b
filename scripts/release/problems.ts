import { compareVersions, isVersion, tagOf, versionOf } from './version.ts';
import { notesOf, releasedVersions, unreleased } from './changelog.ts';

/** A clone before a release. */
export interface Clone {
	/** Paths with changes that are not committed. */
	readonly changed: readonly string[];
	readonly tags: readonly string[];
	/** The version in package.json. */
	readonly current: string;
	/** True if a branch is checked out. */
	readonly isOnBranch: boolean;
	/** True if git knows who commits. */
	readonly hasCommitter: boolean;
	readonly changelog: string;
}

/**
 * Reasons against the release of a version, in words that say what to change; empty if there are none.
 * @param version as the command line has it
 */
export function problemsBefore(
	version: string,
	{ changed, tags, current, isOnBranch, hasCommitter, changelog }: Clone,
): readonly string[] {
	if (!isVersion(version)) {
		return [`"${version}" is not a version. Give three numbers, such as 0.2.0, without a "v".`];
	}
	const past = [...tags.map(versionOf), ...releasedVersions(changelog)];
	const newest = past.filter(isVersion).sort(compareVersions).at(-1);
	return [
		...(changed.length > 0
			? [`Commit or discard these changes first: ${changed.join(', ')}.`]
			: []),
		...(isOnBranch ? [] : ['HEAD is on no branch. Check one out, such as: git switch main.']),
		...(hasCommitter
			? []
			: ['Git does not know who commits. Set user.name and user.email with "git config".']),
		...(newest !== undefined && compareVersions(version, newest) <= 0
			? [`${version} is not newer than ${newest}, which is released.`]
			: compareVersions(version, current) < 0
				? [`${version} is below ${current}, the version in package.json.`]
				: []),
		...(unreleased(changelog) === ''
			? ['CHANGELOG.md notes nothing under "## Unreleased". Say there what changes for users.']
			: []),
	];
}

/**
 * Reasons against publishing what a tag points at: tag, packages and CHANGELOG.md have to name one version.
 * @param versions by the place that names it
 */
export function problemsOfTag(
	tag: string,
	versions: Readonly<Record<string, string | undefined>>,
	changelog: string,
): readonly string[] {
	const version = versionOf(tag);
	if (!isVersion(version) || tag !== tagOf(version)) {
		return [`The tag "${tag}" is not of the form v0.2.0.`];
	}
	const notes = notesOf(changelog, version);
	return [
		...Object.entries(versions)
			.filter(([, found]) => found !== version)
			.map(([place, found]) => `${place} has version ${found ?? 'none'}, the tag ${version}.`),
		...(notes === undefined ? [`CHANGELOG.md has no section "## ${version} (DATE)".`] : []),
		...(notes === '' ? [`CHANGELOG.md notes nothing under ${version}.`] : []),
		...(releasedVersions(changelog)[0] === version || notes === undefined
			? []
			: [`CHANGELOG.md has a newer version than ${version}.`]),
	];
}
