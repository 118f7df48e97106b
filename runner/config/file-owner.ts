import { lstatSync, type Stats, statSync } from 'node:fs';

/**
 * True where other users may own a file. Windows has no user ids. The image has one user, and its files come from the host
 * with the host's user ids; it sets the variable.
 */
const hasOtherUsers = (): boolean =>
	process.getuid !== undefined && process.env.SUREPING_IN_IMAGE !== '1';

/** True for a file, or a link to it, that belongs neither to this user, nor to root, nor to the user who called sudo. */
export function isOfStranger(file: string): boolean {
	const own = ownIds();
	return hasOtherUsers() && looksAt(file).some(({ uid }) => !own.includes(uid));
}

/** A user who runs a command as root by sudo means the files of their own folder. */
function ownIds(): readonly (number | undefined)[] {
	const uid = process.getuid?.();
	return uid === 0 ? [0, Number(process.env.SUDO_UID ?? 0)] : [0, uid];
}

/** The mode of a plain file that its group or everyone may change, such as `0666`; undefined for any other. */
export function openMode(file: string): string | undefined {
	const found = hasOtherUsers() ? looksAt(file).at(-1) : undefined;
	// A link may lead to a device, whose mode is not to be changed.
	const mode = found?.isFile() ? found.mode & 0o777 : 0;
	return (mode & 0o022) === 0 ? undefined : mode.toString(8).padStart(4, '0');
}

/** The file as its name has it, and as links lead to it. Empty if it cannot be looked at: whoever reads it says why. */
function looksAt(file: string): readonly Stats[] {
	try {
		return [lstatSync(file), statSync(file)];
	} catch {
		return [];
	}
}
