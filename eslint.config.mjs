import communityNodes from '@n8n/eslint-plugin-community-nodes';
import n8nNodesBase from 'eslint-plugin-n8n-nodes-base';
import tseslint from 'typescript-eslint';

/** A build of the site has files there for some seconds. */
const OF_THE_SITE = 'site/.vitepress/.temp/';
const IGNORED = ['**/dist/', '**/node_modules/', 'data/', 'coverage/', OF_THE_SITE];

/** The engine takes time, randomness and the network as ports, so that its tests and both hosts can supply them. */
const GLOBALS_BEHIND_PORTS = [
	...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
	...['process', 'fetch', 'console', 'performance'],
];

/** Rules for n8n's own nodes that its package scanner switches off for community packages, which must do the opposite. */
const FOR_CORE_NODES_ONLY = {
	'n8n-nodes-base/cred-class-field-documentation-url-miscased': 'off',
	'n8n-nodes-base/node-class-description-inputs-wrong-regular-node': 'off',
	'n8n-nodes-base/node-class-description-outputs-wrong': 'off',
};

const rulesFor = (files, config) => ({
	files,
	plugins: { 'n8n-nodes-base': n8nNodesBase },
	rules: { ...n8nNodesBase.configs[config].rules, ...FOR_CORE_NODES_ONLY },
});

export default tseslint.config(
	{ ignores: IGNORED },

	// Every TypeScript source.
	{
		files: ['**/*.ts'],
		extends: [tseslint.configs.strict, tseslint.configs.stylistic],
		rules: {
			// A type for a shape, an interface for a port: the choice carries meaning here.
			'@typescript-eslint/consistent-type-definitions': 'off',
			// Node 24 runs the sources without a compiler and would look for a type at run time.
			'@typescript-eslint/consistent-type-imports': 'error',
			'@typescript-eslint/no-unused-vars': [
				'error',
				{ ignoreRestSiblings: true, argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
			],
			eqeqeq: 'error',
		},
	},

	{
		files: ['test/**/*.ts'],
		// A test that meets nothing where it expects something fails, which is what it is for.
		rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
	},

	{
		files: ['runner/store/sqlite/**/*.ts'],
		// A tagged template runs a statement.
		rules: {
			'@typescript-eslint/no-unused-expressions': ['error', { allowTaggedTemplates: true }],
		},
	},

	{
		files: ['engine/**/*.ts'],
		rules: {
			'no-restricted-globals': ['error', ...GLOBALS_BEHIND_PORTS],
			'no-restricted-properties': [
				'error',
				{ object: 'Date', property: 'now', message: 'Take the time from the clock port.' },
				{ object: 'Math', property: 'random', message: 'Take randomness from its port.' },
			],
			'no-restricted-syntax': [
				'error',
				{
					selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
					message: 'Take the time from the clock port.',
				},
			],
			'no-restricted-imports': [
				'error',
				{
					patterns: [
						{
							regex: '^(?!\\.{1,2}/|node:crypto$|zod/v4$)',
							message: 'The engine imports its own files, node:crypto and zod/v4 only.',
						},
					],
				},
			],
		},
	},

	// What n8n checks when it verifies a community package.
	{
		files: ['nodes/**/*.ts', 'credentials/**/*.ts', 'package.json'],
		extends: [communityNodes.configs.recommended],
	},
	{
		files: ['package.json'],
		languageOptions: { parser: tseslint.parser, parserOptions: { extraFileExtensions: ['.json'] } },
	},
	rulesFor(['nodes/**/*.ts'], 'nodes'),
	rulesFor(['credentials/**/*.ts'], 'credentials'),
	rulesFor(['package.json'], 'community'),
);
