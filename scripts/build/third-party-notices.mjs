// The licences of the npm packages inside a bundle, as most of them ask for in every copy.
import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';

const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;
/** Facts about a package that stand beside its licence: works of others within its files, the place of its source. */
const REMARKS = {
	'@fastify/swagger-ui':
		'It contains Swagger UI (Apache-2.0, https://github.com/swagger-api/swagger-ui), Copyright 2020-2021 SmartBear\nSoftware Inc. The text of the Apache License 2.0 stands below prom-client.',
	// MPL 2.0 §3.2: a recipient of the executable form learns where the source is.
	'ical.js': 'It is contained unchanged. Its source code is at https://github.com/kewisch/ical.js.',
};

const HEADING = 'Sureping contains these packages. Each is followed by its licence.';

/**
 * The text of THIRD-PARTY-NOTICES.txt.
 * @param files paths of the bundle's sources; those outside of a node_modules are our own
 * @throws if a package states no licence, so that none comes in unnoticed
 */
export async function thirdPartyNotices(files) {
	const folders = [...new Set(files.map(packageFolder).filter((folder) => folder !== undefined))];
	const packages = await Promise.all(folders.map(readPackage));
	const sections = [...new Map(packages.map((one) => [one.title, one])).values()]
		.sort((a, b) => (a.title < b.title ? -1 : 1))
		.map(({ title, license, texts }) => `${title} (${license})\n\n${texts.join('\n\n')}`);
	return `${[HEADING, ...sections].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

/** `…/node_modules/NAME` of a file within it. */
function packageFolder(file) {
	const found = /^(.*\bnode_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file.split(sep).join('/'));
	return found?.[1];
}

async function readPackage(folder) {
	const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
	const { name, version, license, author } = manifest;
	if (typeof license !== 'string') throw new Error(`${folder} states no licence`);
	const names = (await readdir(folder)).filter((file) => LICENCE_FILE.test(file)).sort();
	const texts = await Promise.all(names.map((file) => readFile(join(folder, file), 'utf8')));
	// A package without the text has the name of its licence and of its author.
	const holder = typeof author === 'string' ? author : author?.name;
	const fallback = [`Copyright (c) ${holder ?? `the authors of ${name}`}`];
	const shown = texts.length > 0 ? texts.map((text) => text.trim()) : fallback;
	const remarks = REMARKS[name] ? [REMARKS[name]] : [];
	return { title: `${name} ${version}`, license, texts: [...remarks, ...shown] };
}
