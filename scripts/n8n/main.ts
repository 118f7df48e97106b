// `npm run n8n`: a local n8n with this clone's nodes, the example workflows and a runner beside it, kept in data/n8n.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { N8nApi, type Workflow } from './api.ts';
import { cloneRoot } from './clone.ts';
import { startDemoRunner, type DemoRunner } from './demo-runner.ts';
import { demoSecrets, type DemoSecrets } from './demo-secrets.ts';
import { importWorkflows } from './demo-workflows.ts';
import { demoPort } from './demo-port.ts';
import { startLocalN8n } from './local-n8n.ts';
import { alreadyRunning, noteRunning } from './running-note.ts';

const directory = join(cloneRoot, 'data', 'n8n');
const loginFile = join(directory, 'login.json');
/** Keeps the text that is printed once everything runs, and again by a second start. */
const runningFile = join(directory, 'running.json');

/** The services that run, in the order in which they were started. */
const running: { stop(): Promise<void> }[] = [];
let stopping: Promise<void> | undefined;

/** Stops the services in reverse order, so that n8n can still reach the runner. A second call does nothing. */
function stopAll(): Promise<void> {
	stopping ??= (async () => {
		console.log('Stopping…');
		for (const service of running.reverse()) await service.stop();
	})();
	return stopping;
}

for (const signal of ['SIGINT', 'SIGTERM'])
	process.on(signal, () => void stopAll().then(() => process.exit()));

const already = await alreadyRunning(runningFile);
if (already !== undefined) {
	console.log(already);
	process.exit();
}
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
	const runnerPort = await demoPort(directory, 'runner', 8477);
	const runner = await startDemoRunner(directory, secrets.runner, runnerPort);
	running.push(runner);
	console.log('Starting n8n (the first time takes some 20 seconds)…');
	// Behind a tunnel n8n is called by another URL than its own.
	const { WEBHOOK_URL } = process.env;
	const local = await startLocalN8n(directory, {
		port: await demoPort(directory, 'n8n', 5678),
		...(WEBHOOK_URL && { env: { WEBHOOK_URL } }),
	});
	running.push(local);

	const api = await N8nApi.open(local.n8n.url, secrets.n8n);
	const surepingApi = await api.saveCredential('Sureping Runner (local)', 'surepingApi', {
		baseUrl: runner.url,
		apiKey: secrets.runner.apiKey,
	});
	const workflows = await importWorkflows(api, join(cloneRoot, 'examples'), { surepingApi });
	const text = welcome(local.n8n.url, secrets, runner, workflows);
	running.push(await noteRunning(runningFile, local.n8n.url, text));
	console.log(text);
}

function welcome(
	url: string,
	{ n8n, runner: { apiKey } }: DemoSecrets,
	runner: DemoRunner,
	workflows: readonly Workflow[],
): string {
	return `
n8n:       ${url}
  e-mail   ${n8n.email}
  password ${n8n.password}   (kept in ${loginFile})

Runner:    ${runner.url}   (config ${runner.configFile})
  API key  ${apiKey}
  Try it   curl ${runner.url}/send -H 'Authorization: Bearer ${apiKey}' -H 'Content-Type: application/json' -d '{"message":"Hello","channels":["console"]}'

Workflows, ready to run:
${workflows.map(({ id, name }) => `  ${name}\n    ${url}/workflow/${id}`).join('\n')}

What the console channel is told appears in ${runner.logFile}.
Ctrl-C stops all of it; the next start goes on with the same data.
`;
}
