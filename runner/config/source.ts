import { isMap, parseDocument, type YAMLParseError, type YAMLWarning } from 'yaml';
import { readPlainFile } from './plain-file.ts';

/** The smallest valid config, shown to an operator whose file is empty. */
const SMALLEST = 'api_keys: [{ name: n8n, key: <at least 16 characters> }]';

/** Of a config file; bytes. */
const LARGEST = 16 * 1024 * 1024;

export type Source<T> =
	{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

const refuse = (reason: string): { ok: false; reason: string } => ({ ok: false, reason });

/** Reads the text of a config file, or the reason why it cannot be read. */
export function readSource(file: string): Source<string> {
	if (file === '') return refuse('no file is named; give its path after --config');
	const read = readPlainFile(file, LARGEST);
	if (!read.ok) return refuse(read.reason);
	const { bytes } = read;
	// PowerShell's ">" writes UTF-16.
	if (/^(\xff\xfe|\xfe\xff)/.test(bytes.toString('latin1', 0, 2))) {
		return refuse('it is UTF-16; save it as UTF-8');
	}
	try {
		return { ok: true, value: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
	} catch {
		return refuse('it is not UTF-8 text');
	}
}

/** Parses YAML or JSON (YAML contains JSON) into settings, or gives the reason why it cannot. */
export function parseSource(text: string): Source<Record<string, unknown>> {
	if (text.trim() === '') return refuse(`it is empty; at the least it needs ${SMALLEST}`);
	if (isCommented(text)) {
		return refuse('JSON has no comments; remove them, or write it as YAML, where "#" begins one');
	}
	const document = parseDocument(text, { prettyErrors: true, logLevel: 'error' });
	const [problem] = [...document.errors, ...document.warnings];
	if (problem) return refuse(yamlReason(problem, text));
	if (!isMap(document.contents)) {
		return refuse(`it holds no settings; they are written as "name: value", such as ${SMALLEST}`);
	}
	try {
		// `toJS` turns the keys of a map into strings.
		return { ok: true, value: document.toJS() as Record<string, unknown> };
	} catch {
		// Only an alias can fail here; the parser's own message would repeat it.
		return refuse(HINTS.BAD_ALIAS ?? '');
	}
}

const HINTS: Readonly<Record<string, string>> = {
	TAB_AS_INDENT: 'YAML is indented with spaces; replace the tabs',
	DUPLICATE_KEY: 'a setting occurs twice; keep one of them',
	MULTIPLE_DOCS: 'it holds more than one document; remove what follows "---"',
	BAD_ALIAS: 'a text that begins with "*" or "&" belongs in quotes',
	TAG_RESOLVE_FAILED: 'a text that begins with "!" belongs in quotes',
	BAD_SCALAR_START: 'a text that begins with "@" or "`" belongs in quotes',
	MULTILINE_IMPLICIT_KEY: 'a quote, a bracket or the space after a colon is missing',
	MISSING_CHAR: 'a quote, a bracket, a comma or the space after a colon is missing',
	BLOCK_AS_IMPLICIT_KEY: 'a text with ": " in it belongs in quotes',
	BAD_INDENT: 'a bracket is missing, or lines of one list or object begin in different columns',
};

/** A setting at its place: only what has the form of a name is repeated. */
const SETTING = /^["']?([a-z]+(?:_[a-z]+)*)["']?\s*:/;

/** Words of our own: the parser's message repeats the file, which holds secrets. */
function yamlReason({ code, linePos, pos }: YAMLParseError | YAMLWarning, text: string): string {
	const at = linePos ? `line ${linePos[0].line}, column ${linePos[0].col}: ` : '';
	const [, name] = code === 'DUPLICATE_KEY' ? (SETTING.exec(text.slice(pos[0])) ?? []) : [];
	if (name !== undefined) return `${at}\`${name}\` occurs twice; keep one of them`;
	return at + (HINTS[code] ?? `this is not YAML (${code.toLowerCase().replaceAll('_', ' ')})`);
}

/** True for JSON with comments. */
function isCommented(text: string): boolean {
	const code = text.replace(
		/"(?:[^"\\\n]|\\.)*"?|\/\/[^\n]*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?/g,
		(found) => (found.startsWith('"') ? found : ' '),
	);
	return code !== text && /^\s*\{/.test(code) && isJson(code) && !isJson(text);
}

function isJson(text: string): boolean {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}
