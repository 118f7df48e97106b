import type { Given } from './answers.ts';
import { type Address, readAddress, USUAL_N8N } from './n8n-address.ts';
import type { Answers } from './plan.ts';
import type { Placement } from './templates/index.ts';

/** Asks at the terminal for what the options have not given. Undefined if the person stopped. */
export async function ask(given: Given): Promise<Answers | undefined> {
	const { isCancel, select, text } = await import('@clack/prompts');
	// Standard output has the result alone.
	const output = process.stderr;
	const placement =
		given.placement ??
		(await select<Placement>({
			message: 'How shall the runner run?',
			options: [
				{ value: 'terminal', label: 'I start it myself', hint: 'Node.js, in a terminal' },
				{ value: 'docker', label: 'Docker Compose', hint: 'writes compose.yaml' },
				{ value: 'systemd', label: 'systemd', hint: 'writes sureping.service' },
			],
			output,
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
			validate: (answer) => (answer ? reasonOf(readAddress(answer, USUAL_N8N)) : undefined),
			output,
		}));
	if (isCancel(n8n)) return undefined;

	const publicUrl =
		given.publicUrl ??
		(await text({
			message: 'At which public URL do others reach the runner? Leave it empty if there is none',
			defaultValue: '',
			validate: (answer) => (answer ? reasonOf(readAddress(answer, EXAMPLE)) : undefined),
			output,
		}));
	if (isCancel(publicUrl)) return undefined;

	return {
		placement,
		n8n: urlOf(n8n),
		...(publicUrl === '' ? {} : { publicUrl: urlOf(publicUrl) }),
	};
}

/** A public URL, as a question shows one. */
const EXAMPLE = 'https://ping.example.com';

const reasonOf = (address: Address): string | undefined =>
	address.ok ? undefined : `It ${address.reason}`;

const urlOf = (answer: string | URL): URL =>
	typeof answer === 'string' ? new URL(answer.trim()) : answer;
