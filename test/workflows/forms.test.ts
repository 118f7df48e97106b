import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod/v4';

const FOLDER = '.github/ISSUE_TEMPLATE';
const FORMS = readdirSync(FOLDER).filter((name) => name !== 'config.yml');
const read = (name: string): unknown => parse(readFileSync(join(FOLDER, name), 'utf8'));

// https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema
const validations = z.strictObject({ required: z.boolean() }).optional();
const id = z.string().regex(/^[\w-]+$/);
const labelled = { label: z.string(), description: z.string().optional() };
const ELEMENT = z.discriminatedUnion('type', [
	z.strictObject({
		type: z.literal('markdown'),
		attributes: z.strictObject({ value: z.string() }),
	}),
	z.strictObject({
		type: z.literal('textarea'),
		id,
		attributes: z.strictObject({
			...labelled,
			placeholder: z.string().optional(),
			render: z.string().optional(),
		}),
		validations,
	}),
	z.strictObject({
		type: z.literal('input'),
		id,
		attributes: z.strictObject({ ...labelled, placeholder: z.string().optional() }),
		validations,
	}),
	z.strictObject({
		type: z.literal('dropdown'),
		id,
		attributes: z.strictObject({ ...labelled, options: z.array(z.string()).min(2) }),
		validations,
	}),
	z.strictObject({
		type: z.literal('checkboxes'),
		id,
		attributes: z.strictObject({
			...labelled,
			options: z.array(z.strictObject({ label: z.string() })).min(1),
		}),
	}),
]);
const FORM = z.strictObject({
	name: z.string().min(3),
	description: z.string(),
	labels: z.array(z.string()),
	body: z.array(ELEMENT).min(1),
});
const CONFIG = z.strictObject({
	blank_issues_enabled: z.boolean(),
	contact_links: z.array(z.strictObject({ name: z.string(), url: z.url(), about: z.string() })),
});

describe('the forms of issues', () => {
	it.each(FORMS)(
		'%s is one that GitHub shows: with fields of its kinds, each with a name of its own',
		(name) => {
			const { body } = FORM.parse(read(name));
			const ids = body.flatMap((element) => ('id' in element ? [element.id] : []));
			expect(new Set(ids).size).toBe(ids.length);
			const labels = body.flatMap(({ attributes }) =>
				'label' in attributes ? [attributes.label] : [],
			);
			expect(new Set(labels).size).toBe(labels.length);
			// GitHub refuses a form of explanations alone.
			expect(ids.length).toBeGreaterThan(0);
		},
	);

	it('a bug comes with the versions and what the doctor says', () => {
		const { body } = FORM.parse(read('bug.yml'));
		const labels = body.flatMap(({ attributes }) =>
			'label' in attributes ? [attributes.label] : [],
		);
		for (const wanted of [
			'Version of Sureping',
			'Version of n8n',
			'Output of `sureping doctor --json`',
		])
			expect(labels).toContain(wanted);
	});

	it('vulnerabilities are led away from public issues', () => {
		const { contact_links: links } = CONFIG.parse(read('config.yml'));
		expect(links.map(({ url }) => url)).toContain(
			'https://github.com/sureping/sureping/security/advisories/new',
		);
	});
});
