import { readAddress, USUAL_N8N } from './n8n-address.ts';
import type { Answers } from './plan.ts';
import type { Placement } from './templates/index.ts';

/** The options of the command line. */
export interface InitOptions {
	readonly n8n?: string;
	readonly docker?: boolean;
	readonly systemd?: boolean;
	readonly publicUrl?: string;
	readonly dir: string;
	readonly yes?: boolean;
	readonly showKey?: boolean;
	readonly json?: boolean;
}

/** An option that cannot be used; the message says what to change. */
export class WrongAnswer extends Error {
	override readonly name = 'WrongAnswer';
}

/** The options of a call that still have to be asked for are undefined. */
export interface Given {
	readonly n8n: URL | undefined;
	readonly placement: Placement | undefined;
	readonly publicUrl: URL | undefined;
}

/** Reads the options. Throws a `WrongAnswer`. */
export function readOptions({ n8n, publicUrl, docker, systemd }: InitOptions): Given {
	return {
		n8n: n8n === undefined ? undefined : must('--n8n', n8n, USUAL_N8N),
		publicUrl:
			publicUrl === undefined
				? undefined
				: must('--public-url', publicUrl, 'https://ping.example.com'),
		placement: docker ? 'docker' : systemd ? 'systemd' : undefined,
	};
}

function must(option: string, text: string, example: string): URL {
	const address = readAddress(text, example);
	if (address.ok) return address.url;
	throw new WrongAnswer(`${option} ${address.reason}`);
}

/** Completes the options with the defaults. */
export const withDefaults = ({ n8n, placement, publicUrl }: Given): Answers => ({
	n8n: n8n ?? new URL(USUAL_N8N),
	placement: placement ?? 'terminal',
	...(publicUrl ? { publicUrl } : {}),
});
