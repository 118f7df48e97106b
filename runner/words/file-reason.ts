/** Node's codes for errors of files (nodejs.org/api/errors.html, "Common system errors"). */
const REASONS: Readonly<Record<string, string>> = {
	ENOENT: 'there is no such file or folder',
	EEXIST: 'a file is in its place',
	ENOTDIR: 'a part of its path is a file, not a folder',
	EISDIR: 'it is a folder, not a file',
	EACCES: 'this user has no permission to use it; change its owner or its mode',
	EPERM: 'this user has no permission to use it; change its owner or its mode',
	EROFS: 'its file system is read-only',
	ENOSPC: 'the disk is full',
	EMFILE: 'too many files are open',
	ENAMETOOLONG: 'its path is too long',
	ELOOP: 'its symbolic links form a circle',
};

/** The reason why a file cannot be used, in words that follow its path. */
export function fileReason(error: unknown): string {
	// An error of any realm, as in a worker or a test.
	const { code, message } = Object(error) as { code?: unknown; message?: unknown };
	return REASONS[String(code)] ?? String(message ?? error);
}
