/** The heading under which changes are noted until a release takes them. */
const UNRELEASED = '## Unreleased';

interface Section {
	readonly heading: string;
	/** The text below the heading, without blank lines around it. */
	readonly text: string;
}

/** The sections of second-level headings, in the order of the page. */
const sectionsOf = (changelog: string): readonly Section[] =>
	changelog
		.split(/^(?=## )/m)
		.slice(1)
		.map((section) => {
			const [heading = '', ...lines] = section.split('\n');
			return { heading, text: lines.join('\n').trim() };
		});

const versionOf = ({ heading }: Section): string | undefined =>
	/^## (\d+\.\d+\.\d+) \(\d{4}-\d{2}-\d{2}\)$/.exec(heading)?.[1];

/** The versions that the page has as released, the newest first. */
export const releasedVersions = (changelog: string): readonly string[] =>
	sectionsOf(changelog).flatMap((section) => versionOf(section) ?? []);

/** The changes that a release would contain; empty if none is noted. */
export const unreleased = (changelog: string): string =>
	sectionsOf(changelog).find(({ heading }) => heading === UNRELEASED)?.text ?? '';

/** The notes of a released version, or undefined if the page does not have it. */
export const notesOf = (changelog: string, version: string): string | undefined =>
	sectionsOf(changelog).find((section) => versionOf(section) === version)?.text;

/**
 * Turns the section of unreleased changes into that of a version, with an empty one above it.
 * @param date of the release, as `2026-11-29`
 */
export const released = (changelog: string, version: string, date: string): string =>
	changelog.replace(UNRELEASED, `${UNRELEASED}\n\n## ${version} (${date})`);
