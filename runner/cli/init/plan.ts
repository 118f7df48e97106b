import { DEFAULT_PORT } from '../default-port.ts';
import { hostOf } from '../../transport/host-name.ts';
import { isLoopback } from '../../transport/loopback.ts';
import type { NewFile } from './write-files.ts';
import {
	composeFile,
	configFile,
	DOCKER_HOST,
	envFile,
	isServiceName,
	type Placement,
	type Secrets,
	SERVICE,
	systemdUnit,
} from './templates/index.ts';
import { USUAL_FILE } from '../../config/usual-file.ts';

/** Everything that `init` has to be told. */
export interface Answers {
	readonly n8n: URL;
	readonly placement: Placement;
	readonly publicUrl?: URL;
}

/** The way between n8n and the runner, in both directions. */
export interface Route {
	/** Name by which the runner calls n8n. */
	readonly n8nHost: string;
	/** Hosts that n8n's webhook URLs may have. */
	readonly allowHosts: readonly string[];
	/** Names with a dot by which n8n calls the runner. */
	readonly hosts: readonly string[];
	/** URL of the runner for n8n's credential. */
	readonly runnerUrl: string;
	/** Facts that the operator has to know about it. */
	readonly notes: readonly string[];
}

/** Finds the way between n8n and the runner. Inside a container, `localhost` is the container itself. */
export function routeOf({ n8n, placement, publicUrl }: Answers): Route {
	const host = hostOf(n8n);
	const here = `http://127.0.0.1:${DEFAULT_PORT}`;
	// On the Docker host itself, its name is this machine, too.
	if (isLoopback(n8n) || host === DOCKER_HOST) {
		if (placement !== 'docker') {
			// n8n's own default is http://localhost:5678, by whatever name it is called here.
			const allowHosts = [...new Set(['localhost', '127.0.0.1', host])];
			return { n8nHost: host, allowHosts, hosts: [DOCKER_HOST], runnerUrl: here, notes: [] };
		}
		const port = n8n.port === '' ? '' : `:${n8n.port}`;
		return {
			n8nHost: DOCKER_HOST,
			allowHosts: [DOCKER_HOST],
			hosts: [DOCKER_HOST],
			runnerUrl: here,
			notes: [
				...(host === DOCKER_HOST
					? []
					: [
							`In a container, ${host} is the container itself. The runner reaches n8n as ${DOCKER_HOST} instead.`,
						]),
				`Start n8n with WEBHOOK_URL=${n8n.protocol}//${DOCKER_HOST}${port}/ in its environment, so that its triggers give the runner that address.`,
				`If n8n runs in a container too, use the name of its service, such as --n8n http://n8n:5678. Then both share a network.`,
			],
		};
	}
	const allowHosts = [host];
	if (placement === 'docker' && isServiceName(host)) {
		const notes = [
			`The runner joins the network of the container ${host}. If that is not n8n_default, put N8N_NETWORK=NAME into .env; "docker network ls" lists the names.`,
		];
		return {
			n8nHost: host,
			allowHosts,
			hosts: [],
			runnerUrl: `http://${SERVICE}:${DEFAULT_PORT}`,
			notes,
		};
	}
	const runnerUrl = publicUrl?.href.replace(/\/$/, '') ?? here;
	const notes = [
		...(isServiceName(host)
			? [`If ${host} is a container, only containers of its network know this name: use --docker.`]
			: []),
		...(publicUrl
			? []
			: [
					`The runner listens on this machine only. If n8n runs on another one, put a reverse proxy with TLS in front of the runner, and set public_url in sureping.yaml.`,
				]),
	];
	return { n8nHost: host, allowHosts, hosts: [], runnerUrl, notes };
}

/** The files of an installation in `dir`, an absolute path. */
export function filesOf(
	answers: Answers,
	route: Route,
	secrets: Secrets,
	dir: string,
): readonly NewFile[] {
	const config = configFile({
		allowHosts: route.allowHosts,
		hosts: route.hosts,
		...(answers.publicUrl ? { publicUrl: answers.publicUrl.href.replace(/\/$/, '') } : {}),
	});
	const common = [
		{ name: '.env', mode: 0o600, text: envFile(secrets), about: 'its secrets, for you alone' },
		// A container's user has to read it. It holds no secret.
		{ name: USUAL_FILE, mode: 0o644, text: config, about: 'the config of the runner' },
	];
	switch (answers.placement) {
		case 'terminal':
			return common;
		case 'docker': {
			const text = composeFile(route.n8nHost);
			return [
				...common,
				{ name: 'compose.yaml', mode: 0o644, text, about: 'the container of the runner' },
			];
		}
		case 'systemd': {
			const text = systemdUnit(dir);
			return [
				...common,
				{ name: 'sureping.service', mode: 0o644, text, about: 'the service of the runner' },
			];
		}
	}
}
