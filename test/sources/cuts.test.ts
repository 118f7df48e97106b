import ts from 'typescript';
import { nodesOf, placeOf, sourceFiles } from '../support/source-files.ts';

/**
 * Cuts of a fixed length that are not of text that a person sees or a service gets: lists, digests, ASCII, and the start
 * of an answer that is only looked at. By file, with how the expressions begin that are cut.
 */
const NOT_SHOWN: Readonly<Record<string, readonly string[]>> = {
	'engine/channels/email/mailgun.ts': ['answer.message'],
	'engine/channels/email/postmark.ts': ['answer.Message'],
	'engine/channels/email/resend.ts': ['answer.message'],
	'engine/channels/email/sendgrid.ts': ['value'],
	'engine/channels/email/smtp-reply.ts': ['reply.text'],
	'engine/channels/index.ts': ['channel.services'],
	'engine/receive/parse/batch.ts': ['list'],
	'engine/receive/explain/explain-rejection.ts': ['Object.keys(headers)'],
	'engine/receive/explain/one-ping.ts': ['timestamp', 'missing', 'Object.keys(headers)'],
	'engine/receive/explain/variants.ts': ['timestamp'],
	'engine/receive/parse/build-event.ts': ['digest'],
	'engine/time.ts': ['value?.trim()', 'sentence'],
	'engine/webhooks/answer-text.ts': ['body', 'text'],
	'engine/webhooks/custom-headers.ts': ['names'],
	'nodes/WebhookTrigger/wanted-endpoint.ts': ["['n8n'"],
	'nodes/SendNotification/http-port.ts': ["(text ?? '')"],
};

const isCut = (node: ts.Node): node is ts.CallExpression =>
	ts.isCallExpression(node) &&
	ts.isPropertyAccessExpression(node.expression) &&
	['slice', 'substring', 'substr'].includes(node.expression.name.text) &&
	node.arguments[0]?.getText() === '0' &&
	isFixed(node.arguments[1]);

/** A number, or a constant of the file by the way that it is written. */
const isFixed = (end: ts.Expression | undefined): boolean =>
	end !== undefined &&
	!ts.isPrefixUnaryExpression(end) &&
	(/^\d[\d_]*$/.test(end.getText()) || /\b[A-Z][A-Z_0-9]{3,}\b/.test(end.getText()));

it('finds the cuts', () => {
	const [file] = sourceFiles(['engine']).filter(
		({ fileName }) => fileName === 'engine/graphemes.ts',
	);
	expect(file && nodesOf(file, isCut)).toEqual([]);
	const text = 'a.slice(0, 200); b.slice(0, -1); c.slice(0, LONGEST); d.slice(1, 2)';
	const source = ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest, true);
	expect(nodesOf(source, isCut).map((node) => node.getText())).toEqual([
		'a.slice(0, 200)',
		'c.slice(0, LONGEST)',
	]);
});

it('text is cut by characters, as engine/graphemes.ts does, and never between two halves of one', () => {
	const cuts = sourceFiles(['engine', 'nodes', 'runner/store/rows', 'runner/transport']);
	const raw = cuts.flatMap((file) =>
		nodesOf(file, isCut)
			.filter((node) => {
				const cut = ts.isPropertyAccessExpression(node.expression)
					? node.expression.expression.getText()
					: '';
				return !(NOT_SHOWN[file.fileName] ?? []).some((known) => cut.startsWith(known));
			})
			.map((node) => `${placeOf(file, node)} ${node.getText()}`),
	);
	expect(raw).toEqual([]);
});
