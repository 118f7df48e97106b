// `npm run n8n`: a local n8n with this clone's nodes, the example workflows and a runner beside it, kept in data/n8n.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { N8nApi } from './api.ts';
import { cloneRoot } from './clone.ts';
import { startDemoRunner, type DemoRunner } from './demo-runner.ts';
import { demoSecrets, type DemoSecrets } from './demo-secrets.ts';
import { importWorkflows } from './demo-workflows.ts';
import { freePort } from './free-port.ts';
import { startLocalN8n } from './local-n8n.ts';

const DEFAULT_PORT = 5678;
const directory = join(cloneRoot, 'data', 'n8n');
const loginFile = join(directory, 'login.json');

/** What runs, in the order in which it was started. */
const running: { stop(): Promise<void> }[] = [];
let stopping: Promise<void> | undefined;

/** Last started, first stopped: n8n still says goodbye to the runner. Asked twice, it happens once. */
function stopAll(): Promise<void> {
	stopping ??= (async () => {
		console.log('Stopping…');
		for (const service of running.reverse()) await service.stop();
	})();
	return stopping;
}

for (const signal of ['SIGINT', 'SIGTERM'])
	process.on(signal, () => void stopAll().then(() => process.exit()));

try {
	await main();
} catch (error) {
	if (!stopping) console.error(error);
	await stopAll();
	process.exit(1);
}

async function main(): Promise<void> {
	await mkdir(directory, { recursive: true });
	const secrets = await demoSecrets(loginFile);
	console.log('Starting the runner…');
	const runner = await startDemoRunner(directory, secrets.runner);
	running.push(runner);
	console.log('Starting n8n (the first time takes some 20 seconds)…');
	// Behind a tunnel n8n is called by another URL than its own.
	const { WEBHOOK_URL } = process.env;
	const local = await startLocalN8n(directory, {
		port: await freePort(DEFAULT_PORT),
		...(WEBHOOK_URL && { env: { WEBHOOK_URL } }),
	});
	running.push(local);

	const api = await N8nApi.open(local.n8n.url, secrets.n8n);
	const surepingApi = await api.saveCredential('Sureping Runner (local)', 'surepingApi', {
		baseUrl: runner.url,
		apiKey: secrets.runner.apiKey,
	});
	const workflows = await importWorkflows(api, join(cloneRoot, 'examples'), { surepingApi });
	console.log(welcome(local.n8n.url, secrets, runner, workflows));
}

function welcome(
	url: string,
	{ n8n }: DemoSecrets,
	runner: DemoRunner,
	workflows: string[],
): string {
	return `
n8n:       ${url}
  e-mail   ${n8n.email}
  password ${n8n.password}   (kept in ${loginFile})

Runner:    ${runner.url}   (config ${runner.configFile})

Workflows, ready to open and run:
${workflows.map((name) => `  - ${name}`).join('\n')}

What the console channel is told appears in ${runner.logFile}.
Ctrl-C stops all of it; the next start goes on with the same data.
`;
}
