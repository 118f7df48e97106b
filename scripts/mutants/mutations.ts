import ts from 'typescript';

/** One small mistake in a file: the text from `start` to `end` becomes `text`. */
export interface Mutation {
	/** From 1. */
	readonly line: number;
	readonly start: number;
	readonly end: number;
	readonly text: string;
	/** The old and the new text, for the report. */
	readonly was: string;
}

const OPERATORS: Readonly<Partial<Record<ts.SyntaxKind, string>>> = {
	[ts.SyntaxKind.LessThanToken]: '<=',
	[ts.SyntaxKind.LessThanEqualsToken]: '<',
	[ts.SyntaxKind.GreaterThanToken]: '>=',
	[ts.SyntaxKind.GreaterThanEqualsToken]: '>',
	[ts.SyntaxKind.EqualsEqualsEqualsToken]: '!==',
	[ts.SyntaxKind.ExclamationEqualsEqualsToken]: '===',
	[ts.SyntaxKind.AmpersandAmpersandToken]: '||',
	[ts.SyntaxKind.BarBarToken]: '&&',
	[ts.SyntaxKind.PlusToken]: '-',
	[ts.SyntaxKind.MinusToken]: '+',
};

/** Names that stand for their opposite. */
const NAMES: Readonly<Record<string, string>> = {
	min: 'max',
	max: 'min',
	some: 'every',
	every: 'some',
};

/** Only in texts that are statements of SQL. */
const IS_SQL = /\b(SELECT|INSERT|UPDATE|DELETE|WHERE|PRAGMA)\b/;
const SQL_OPERATORS = / (<=|>=|<>|<|>|AND|OR) |\bNOT EXISTS\b|\bIS NOT NULL\b|\bIS NULL\b/g;
const SQL: Readonly<Record<string, string>> = {
	'<=': '>',
	'>=': '<',
	'<>': '=',
	'<': '>=',
	'>': '<=',
	AND: 'OR',
	OR: 'AND',
	'NOT EXISTS': 'EXISTS',
	'IS NOT NULL': 'IS NULL',
	'IS NULL': 'IS NOT NULL',
};

/** Every mutation of this source: a comparison, a condition, a constant, a step left out. */
export function mutationsOf(source: string): readonly Mutation[] {
	const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true);
	const found: Mutation[] = [];
	const add = (start: number, end: number, text: string): void => {
		const line = file.getLineAndCharacterOfPosition(start).line + 1;
		found.push({ line, start, end, text, was: source.slice(start, end) });
	};
	const replace = (node: ts.Node, text: string): void => add(node.getStart(file), node.end, text);

	const visit = (node: ts.Node): void => {
		// Both are erased before the program runs.
		if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isImportDeclaration(node))
			return;
		if (ts.isBinaryExpression(node)) {
			const other = OPERATORS[node.operatorToken.kind];
			if (other !== undefined) replace(node.operatorToken, other);
		}
		if (ts.isIfStatement(node) || ts.isConditionalExpression(node)) {
			const condition = ts.isIfStatement(node) ? node.expression : node.condition;
			replace(condition, 'true');
			replace(condition, 'false');
		}
		if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
			replace(node, node.operand.getText(file));
		}
		if (ts.isNumericLiteral(node))
			replace(node, node.text === '0' ? '1' : `(${node.getText(file)} * 2 + 1)`);
		if (node.kind === ts.SyntaxKind.TrueKeyword) replace(node, 'false');
		if (node.kind === ts.SyntaxKind.FalseKeyword) replace(node, 'true');
		if (ts.isAwaitExpression(node)) replace(node, node.expression.getText(file));
		if (ts.isExpressionStatement(node) && !ts.isStringLiteral(node.expression)) replace(node, ';');
		if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
			const { name, expression } = node.expression;
			const other = NAMES[name.text];
			if (other !== undefined) replace(name, other);
			if (name.text === 'filter') replace(node, expression.getText(file));
		}
		if (isText(node) && IS_SQL.test(node.getText(file))) {
			const from = node.getStart(file);
			for (const match of node.getText(file).matchAll(SQL_OPERATORS)) {
				const word = match[1] ?? match[0];
				const start = from + match.index + match[0].indexOf(word);
				add(start, start + word.length, SQL[word] ?? word);
			}
		}
		ts.forEachChild(node, visit);
	};
	visit(file);
	return found.sort((a, b) => a.start - b.start);
}

function isText(node: ts.Node): boolean {
	return (
		ts.isStringLiteral(node) ||
		ts.isNoSubstitutionTemplateLiteral(node) ||
		ts.isTemplateHead(node) ||
		ts.isTemplateMiddleOrTemplateTail(node)
	);
}

export function mutated(source: string, { start, end, text }: Mutation): string {
	return source.slice(0, start) + text + source.slice(end);
}
