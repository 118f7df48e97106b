// `node scripts/n8n/scan.ts FOLDER PATTERN…`: the findings of n8n's package scanner about these files, as JSON.
import n8nCommunityNodes from '@n8n/eslint-plugin-community-nodes';
import { ESLint, type Linter } from 'eslint';
import n8nNodesBase from 'eslint-plugin-n8n-nodes-base';
import tseslint from 'typescript-eslint';

/** One violation. The scanner lets warnings pass; here they count as well. */
export interface Finding {
	/** From the scanned folder. */
	file: string;
	line: number;
	rule: string;
	message: string;
}

export interface Scan {
	/** Number of files that were checked. */
	files: number;
	findings: Finding[];
}

/** The configuration that @n8n/scan-community-package 0.32.0 builds (`buildScanConfig`), from the same two plugins. */
const GATE: Linter.Config[] = [
	n8nCommunityNodes.configs.recommended,
	{ rules: { 'no-console': 'error' }, plugins: { 'n8n-nodes-base': n8nNodesBase } },
	{ files: ['package.json'], rules: n8nNodesBase.configs.community.rules },
	{
		files: ['**/credentials/**/*.ts'],
		rules: {
			...n8nNodesBase.configs.credentials.rules,
			'n8n-nodes-base/cred-class-field-documentation-url-miscased': 'off',
			'n8n-nodes-base/cred-class-field-type-options-password-missing': 'off',
		},
	},
	{
		files: ['**/nodes/**/*.ts'],
		rules: {
			...n8nNodesBase.configs.nodes.rules,
			'n8n-nodes-base/node-class-description-inputs-wrong-regular-node': 'off',
			'n8n-nodes-base/node-class-description-outputs-wrong': 'off',
			'n8n-nodes-base/node-param-type-options-max-value-present': 'off',
		},
	},
	{ files: ['**/*.json', '**/*.ts'], languageOptions: { parser: tseslint.parser } },
];

/** Comments that switch rules off are ignored, as the scanner ignores them. */
async function scan(folder: string, patterns: string[]): Promise<Scan> {
	const eslint = new ESLint({
		cwd: folder,
		allowInlineConfig: false,
		overrideConfigFile: true,
		overrideConfig: GATE,
		// A pattern that matches nothing would pass for want of files.
		errorOnUnmatchedPattern: true,
	});
	const results = await eslint.lintFiles(patterns);
	const findings = results.flatMap(({ filePath, messages }) =>
		messages.map(({ line, ruleId, message }) => ({
			file: filePath.slice(folder.length + 1),
			line,
			rule: ruleId ?? 'unreadable',
			message,
		})),
	);
	return { files: results.length, findings };
}

const [folder = '.', ...patterns] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await scan(folder, patterns)));
