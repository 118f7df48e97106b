import { buffer } from 'node:stream/consumers';
import { isProviderId, PROVIDERS, receive } from '@sureping/engine';
import type { Command } from 'commander';
import { parseRawRequest } from './raw-request.ts';

interface VerifyOptions {
	readonly provider: string;
	readonly secret: readonly string[];
	readonly at?: string;
}

/** `sureping verify`: exits with 0 when the request is genuine, 1 when it is refused, 2 when the question is wrong. */
export function addVerify(program: Command): void {
	program
		.command('verify')
		.description('check the signature of one raw HTTP request on standard input')
		.requiredOption('--provider <id>', `who sent it: ${Object.keys(PROVIDERS).join(', ')}`)
		.requiredOption(
			'--secret <secret>',
			'the shared secret; give it again for each one that may be in use',
			(secret: string, earlier: readonly string[] = []) => [...earlier, secret],
		)
		.option('--at <time>', 'the time to check against: unix seconds or ISO 8601', undefined)
		.option('--json', 'print JSON (the only form)')
		.action(async ({ provider, secret, at }: VerifyOptions, command: Command) => {
			if (!isProviderId(provider)) {
				command.error(
					`${provider} is not a provider; one of: ${Object.keys(PROVIDERS).join(', ')}`,
				);
				return;
			}
			const now = at === undefined ? Date.now() : parseTime(at);
			if (now === undefined) {
				command.error(`--at ${at} is neither unix seconds nor an ISO 8601 time`);
				return;
			}
			const request = parseRawRequest(await buffer(process.stdin));
			if (!request) {
				command.error(
					'standard input is not an HTTP request: a request line, headers, a blank line, the body',
				);
				return;
			}
			const result = receive(provider, request, secret, { now });
			process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
			process.exitCode = result.ok ? 0 : 1;
		});
}

function parseTime(text: string): number | undefined {
	const time = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
	return Number.isNaN(time) ? undefined : time;
}
