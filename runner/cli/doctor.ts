import { type Command, Option } from 'commander';
import type { DoctorOptions, Finding } from './doctor/index.ts';
import { show, table } from './output.ts';
import { DEFAULT_URL } from './remote.ts';

/** `sureping doctor`: exits with 0 when every check passes. Sends no message. */
export function addDoctor(program: Command): void {
	program
		.command('doctor')
		.description(
			'say what is wrong or missing: config, database, connections, runner, endpoints, n8n',
		)
		.option(
			'--config <file>',
			'YAML or JSON (default: sureping.yaml if there is one here, else the demo config of serve)',
		)
		.option('--data-dir <dir>', 'directory of the database', './data')
		.addOption(
			new Option(
				'--url <url>',
				`a running runner (default beside a sureping.yaml: ${DEFAULT_URL})`,
			).env('SUREPING_URL'),
		)
		.addOption(
			new Option('--key <key>', 'API key; prefer the environment variable').env('SUREPING_KEY'),
		)
		.option('--n8n <url>', 'n8n, to ask if it answers and if its webhooks may be called')
		.option('--json', 'print JSON')
		.action(async ({ json, ...options }: DoctorOptions & { readonly json?: boolean }) => {
			// Loaded only now: no other command needs it.
			const { examine } = await import('./doctor/index.ts');
			const findings = await examine(options);
			const ok = findings.every((finding) => finding.ok);
			show(json, { ok, findings }, ...linesOf(findings));
			process.exitCode = ok ? 0 : 1;
		});
}

/** A line for each finding, and below it what to change. */
function linesOf(findings: readonly Finding[]): readonly string[] {
	const rows = table(findings.map(({ what, ok, found }) => [ok ? 'ok' : 'FAIL', what, found]));
	return findings.flatMap(({ change }, i) => [
		rows[i] ?? '',
		...(change === undefined ? [] : [`      change: ${change}`]),
	]);
}
