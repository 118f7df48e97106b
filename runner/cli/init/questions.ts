import type { Given } from './answers.ts';
import { type Address, readAddress, USUAL_N8N } from './n8n-address.ts';
import type { Answers } from './plan.ts';
import type { Placement } from './templates/index.ts';

/** Asks at the terminal for what the options have not given. Undefined if the person stopped. */
export async function ask(given: Given): Promise<Answers | undefined> {
	const stop = new AbortController();
	// After the end of the input, as by Control-D, nothing could answer and nothing keeps the process: it would end.
	const atEnd = (): void => stop.abort();
	process.once('beforeExit', atEnd);
	try {
		// Standard output has the result alone.
		return await askAll(given, { output: process.stderr, signal: stop.signal });
	} finally {
		process.off('beforeExit', atEnd);
	}
}

interface Terminal {
	readonly output: NodeJS.WriteStream;
	/** Cancels the question that is being asked. */
	readonly signal: AbortSignal;
}

async function askAll(given: Given, terminal: Terminal): Promise<Answers | undefined> {
	const { isCancel, select, text } = await import('@clack/prompts');
	const placement =
		given.placement ??
		(await select<Placement>({
			message: 'How shall the runner run?',
			options: [
				{ value: 'terminal', label: 'I start it myself', hint: 'Node.js, in a terminal' },
				{ value: 'docker', label: 'Docker Compose', hint: 'writes compose.yaml' },
				{ value: 'systemd', label: 'systemd', hint: 'writes sureping.service' },
			],
			...terminal,
		}));
	if (isCancel(placement)) return undefined;

	const n8n =
		given.n8n ??
		(await text({
			message:
				placement === 'docker'
					? 'Where is n8n? The name of its service if it runs in a container, such as http://n8n:5678'
					: 'Where is n8n?',
			placeholder: USUAL_N8N,
			defaultValue: USUAL_N8N,
			validate: (answer = '') =>
				isBlank(answer) ? undefined : reasonOf(readAddress(answer, USUAL_N8N)),
			...terminal,
		}));
	if (isCancel(n8n)) return undefined;

	const publicUrl =
		given.publicUrl ??
		(await text({
			message: 'At which public URL do others reach the runner? Leave it empty if there is none',
			defaultValue: '',
			validate: (answer = '') =>
				isBlank(answer) ? undefined : reasonOf(readAddress(answer, EXAMPLE)),
			...terminal,
		}));
	if (isCancel(publicUrl)) return undefined;

	return {
		placement,
		n8n: urlOf(isBlank(n8n) ? USUAL_N8N : n8n),
		...(isBlank(publicUrl) ? {} : { publicUrl: urlOf(publicUrl) }),
	};
}

/** A public URL, as a question shows one. */
const EXAMPLE = 'https://ping.example.com';

const isBlank = (answer: string | URL): boolean =>
	typeof answer === 'string' && answer.trim() === '';

const reasonOf = (address: Address): string | undefined =>
	address.ok ? undefined : `It ${address.reason}`;

const urlOf = (answer: string | URL): URL =>
	typeof answer === 'string' ? new URL(answer.trim()) : answer;
