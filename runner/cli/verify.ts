import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import {
	explainRejection,
	type GenericRules,
	isProviderId,
	PROVIDERS,
	receiveAsking,
	type ReceiveOptions,
} from '@sureping/engine';
import type { Command } from 'commander';
import { genericRulesSchema } from '../config/settings/index.ts';
import { parseSource, readSource } from '../config/source.ts';
import { didYouMean, fileReason, mistakesOf } from '../words/index.ts';
import { show } from './output.ts';
import { parseRawRequest } from './raw-request.ts';
import { verdictText, type Verdict } from './verdict-text.ts';

interface VerifyOptions {
	readonly provider: string;
	readonly secret: readonly string[];
	readonly at?: string;
	readonly url?: string;
	readonly verifyToken?: string;
	readonly certificate?: string;
	readonly rules?: string;
	readonly json?: true;
}

/** `sureping verify`: exits with 0 when the request is genuine, 1 when it is refused, 2 when the usage is wrong. */
export function addVerify(program: Command): void {
	program
		.command('verify')
		.description(
			'check the signature of one raw HTTP request on standard input, and explain a refusal',
		)
		.requiredOption(
			'--provider <id>',
			`provider that sent it: ${Object.keys(PROVIDERS).join(', ')}`,
		)
		.requiredOption(
			'--secret <secret>',
			'shared secret; may be repeated while one replaces another',
			(secret: string, earlier: readonly string[] = []) => [...earlier, secret],
		)
		.option('--at <time>', 'the time to check against: unix seconds or ISO 8601', undefined)
		.option('--url <url>', 'the URL that was called, if it differs from the request line')
		.option('--verify-token <token>', 'WhatsApp: the token of its set-up request')
		.option('--certificate <file>', 'Amazon SES: the signing certificate, instead of fetching it')
		.option('--rules <file>', 'generic: its rules, in YAML or JSON as under "generic" in a config')
		.option('--json', 'print JSON, also on a terminal')
		.action(async (asked: VerifyOptions, command: Command) => {
			const { provider, secret, at, url, verifyToken, json } = asked;
			if (!isProviderId(provider)) {
				const known = Object.keys(PROVIDERS);
				command.error(
					`${provider} is not a provider; one of: ${known.join(', ')}${didYouMean(provider, known)}`,
				);
				return;
			}
			const now = at === undefined ? Date.now() : parseTime(at);
			if (now === undefined) {
				command.error(`--at ${at} is neither unix seconds nor an ISO 8601 time`);
				return;
			}
			if ((provider === 'generic') !== (asked.rules !== undefined)) {
				command.error('--rules and --provider generic must be used together');
			}
			const generic = asked.rules === undefined ? undefined : readRules(asked.rules, command);
			const certificate =
				asked.certificate === undefined ? undefined : readText(asked.certificate, command);
			const read = parseRawRequest(await buffer(process.stdin));
			if (!read) {
				command.error(
					'standard input must be an HTTP request: a request line, headers, a blank line, the body',
				);
				return;
			}
			const request = { ...read, url: url ?? read.url };
			const options: ReceiveOptions = {
				now,
				...(verifyToken === undefined ? {} : { verifyToken }),
				...(generic === undefined ? {} : { generic }),
			};
			const received = await receiveAsking(provider, request, secret, options, {
				certificate: async (at) => certificate ?? (await fetched(at)),
				// A single request cannot be a replay.
				tokenUse: () => 'first',
			});
			const verdict: Verdict = received.ok
				? received
				: {
						ok: false,
						reason: received.reason,
						explanation: explainRejection(received.reason, provider, request, secret, options),
					};
			show(json ?? !process.stdout.isTTY, verdict, ...verdictText(verdict).split('\n'));
			process.exitCode = verdict.ok ? 0 : 1;
		});
}

function readRules(file: string, command: Command): GenericRules {
	const source = readSource(file);
	const written = source.ok ? parseSource(source.value) : source;
	if (!written.ok) return command.error(`${file} cannot be used: ${written.reason}`);
	const parsed = genericRulesSchema.safeParse(written.value);
	if (parsed.success) return parsed.data;
	const mistakes = mistakesOf(parsed.error.issues, written.value).map(
		({ path, message }) => `${path.join('.') || 'the rules'}: ${message}`,
	);
	return command.error(`${file} cannot be used: ${mistakes.join('; ')}`);
}

/** Ends the command when the file cannot be read. */
function readText(file: string, command: Command): string {
	try {
		return readFileSync(file, 'utf8');
	} catch (error) {
		return command.error(`${file} cannot be read: ${fileReason(error)}`);
	}
}

/** The certificate at a URL that is known to be the provider's own; undefined when it cannot be fetched. */
async function fetched(url: string): Promise<string | undefined> {
	try {
		const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(10_000) });
		return answer.ok ? await answer.text() : undefined;
	} catch {
		return undefined;
	}
}

function parseTime(text: string): number | undefined {
	// `Date.parse` accepts more than ISO 8601: it reads "-1" as a day in 2001.
	const isIso = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:?\d{2})?)?$/.test(text);
	const time = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : isIso ? Date.parse(text) : NaN;
	// Outside the range of a date (ECMA-262, "Time Values and Time Range").
	return Number.isNaN(time) || time > 8.64e15 ? undefined : time;
}
