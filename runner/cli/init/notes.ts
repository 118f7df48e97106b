import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod/v4';
import { weaknessOf } from '../../config/env-file.ts';
import type { Route } from './plan.ts';
import type { NewFile } from './write-files.ts';
import { shellWord } from '../../words/index.ts';
import { USUAL_FILE } from '../../config/usual-file.ts';

const configShape = z.object({
	public_url: z.string().optional(),
	security: z
		.object({
			allow_hosts: z.array(z.string()).default([]),
			hosts: z.array(z.string()).default([]),
		})
		.prefault({}),
});

/** Says what a kept config lacks for these answers: init does not change it. */
export function notesOnKept(
	kept: readonly NewFile[],
	route: Route,
	publicUrl: URL | undefined,
	dir: string,
): readonly string[] {
	if (!kept.some(({ name }) => name === USUAL_FILE)) return [];
	let config: z.infer<typeof configShape>;
	try {
		config = configShape.parse(parseYaml(readFileSync(join(dir, USUAL_FILE), 'utf8')));
	} catch {
		return ['sureping.yaml has a mistake: "doctor" names it.'];
	}
	const { allow_hosts: allowed, hosts } = config.security;
	const lacking = (wanted: readonly string[], present: readonly string[]): readonly string[] =>
		wanted.filter((host) => !present.includes(host));
	const uncalled = lacking(route.allowHosts, allowed);
	const unnamed = lacking(route.hosts, hosts);
	const wanted = publicUrl?.href.replace(/\/$/, '');
	const found = config.public_url;
	return [
		...(uncalled.length === 0 || allowed.includes(route.n8nHost)
			? []
			: [
					`sureping.yaml is kept and lets the runner call another n8n. For this one it needs, under security: allow_hosts: [${[...allowed, ...uncalled].join(', ')}]`,
				]),
		...(unnamed.length === 0
			? []
			: [
					`sureping.yaml is kept and lacks a name by which n8n calls the runner. It needs, under security: hosts: [${[...hosts, ...unnamed].join(', ')}]`,
				]),
		...(wanted === undefined || found?.replace(/\/$/, '') === wanted
			? []
			: [
					`sureping.yaml is kept and has ${found === undefined ? 'no' : 'another'} public_url. It needs: public_url: ${wanted}`,
				]),
	];
}

/** Names the compose file or unit that is not the one of these options and this version. */
export const notesOnOthers = (kept: readonly NewFile[], dir: string): readonly string[] =>
	kept
		.filter(({ name }) => name === 'compose.yaml' || name === 'sureping.service')
		.filter(({ name, text }) => readFileSync(join(dir, name), 'utf8') !== text)
		.map(
			({ name }) =>
				`${name} is kept, and is not what init would write now: it is of other options, another version, or was changed. Move it away and run init again to have the new one.`,
		);

/** Warns of a folder in which any user may replace the files. The sticky bit keeps the files of others from that. */
export function notesOnFolder(dir: string): readonly string[] {
	const { mode } = statSync(dir);
	const isOpen = (mode & 0o002) !== 0 && (mode & 0o1000) === 0;
	return isOpen
		? [`Every user of this machine may replace the files in ${dir}: chmod o-w ${shellWord(dir)}`]
		: [];
}

/** Names a file of secrets that others can change, and the command that closes it. */
export function notesOnSecrets(dir: string): readonly string[] {
	const weakness = weaknessOf(join(dir, USUAL_FILE));
	return weakness ? [`${weakness.found}: ${weakness.change}`] : [];
}
