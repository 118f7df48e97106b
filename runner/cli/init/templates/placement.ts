/** How the runner is kept running: by hand in a terminal, by Docker Compose, or by systemd. */
export type Placement = 'terminal' | 'docker' | 'systemd';

/** Name of the host machine inside a container. */
export const DOCKER_HOST = 'host.docker.internal';

/** Name of the runner's service in the compose file, by which other containers of its network reach it. */
export const SERVICE = 'sureping';

/** True for a name that only containers of the same Docker network know, such as `n8n`. */
export const isServiceName = (host: string): boolean =>
	/^[a-z0-9_][a-z0-9_-]*$/i.test(host) && host !== 'localhost';
