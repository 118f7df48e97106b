import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cloneRoot } from './clone.ts';
import type { DemoSecrets } from './demo-secrets.ts';
import { Service } from './service.ts';

export interface DemoRunner {
	url: string;
	configFile: string;
	/** Also has the console channel's messages. */
	logFile: string;
	stop(): Promise<void>;
}

/** The runner beside n8n. Its config is written once, so that changes made to it stay. */
export async function startDemoRunner(
	directory: string,
	secrets: DemoSecrets['runner'],
	port: number,
): Promise<DemoRunner> {
	const configFile = join(directory, 'runner.yaml');
	const logFile = join(directory, 'runner.log');
	if (!existsSync(configFile)) await writeFile(configFile, config(secrets), { mode: 0o600 });
	const url = `http://127.0.0.1:${port}`;
	const service = new Service({
		name: 'The runner',
		command: process.execPath,
		args: [
			join(cloneRoot, 'runner', 'dist', 'sureping.js'),
			'serve',
			`--config=${configFile}`,
			`--data-dir=${join(directory, 'runner')}`,
			`--port=${port}`,
		],
		logFile,
	});
	await service.ready(20_000, async () => (await fetch(`${url}/readyz`)).ok);
	return { url, configFile, logFile, stop: () => service.stop() };
}

const config = ({
	apiKey,
	webhookSecret,
}: DemoSecrets['runner']) => `# The runner of "npm run n8n". Yours to change; it is not written again.
api_keys:
  - name: n8n
    key: ${apiKey}
    scopes: [send, read, endpoints, admin]
    webhook_secret: ${webhookSecret}
connections:
  - name: terminal
    channel: console
  # Nobody listens there: for examples that show what the runner does then.
  - name: flaky
    channel: slack
    webhook_url: http://127.0.0.1:9/services/FLAKY/DEMO/slack
    retry: { delays_s: [1, 2] }
security:
  # n8n's webhooks are on this machine.
  allow_hosts: [127.0.0.1, localhost]
`;
