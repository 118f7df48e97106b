import { IMAGE } from '../../../published.ts';
import { MADE_BY } from './made-by.ts';
import { DEFAULT_PORT } from '../../default-port.ts';
import { DOCKER_HOST, isServiceName, SERVICE } from './placement.ts';

/** Exits with 0 while the runner is ready. The image has no curl. */
const IS_READY = `fetch('http://127.0.0.1:${DEFAULT_PORT}/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))`;

/** The compose file of a runner. `n8nHost` is the name by which the container reaches n8n. */
export function composeFile(n8nHost: string): string {
	return `${MADE_BY} The Sureping runner: docker compose up --detach
# It needs sureping.yaml and .env beside it.
services:
  ${SERVICE}:
    image: ${IMAGE}
    command: [serve, --config, /etc/sureping/sureping.yaml, --host, 0.0.0.0, --data-dir, /data]
    # So that "docker compose exec sureping sureping doctor" finds the config.
    working_dir: /etc/sureping
    env_file: .env
    volumes:
      - ./sureping.yaml:/etc/sureping/sureping.yaml:ro
      - data:/data
    ports:
      # This machine only. Put a reverse proxy with TLS in front of it before others may use it.
      - '127.0.0.1:${DEFAULT_PORT}:${DEFAULT_PORT}'
    extra_hosts:
      # Docker Desktop has this name by itself, Docker Engine on Linux does not.
      - '${DOCKER_HOST}:host-gateway'
${isServiceName(n8nHost) ? '    networks: [n8n]\n' : ''}    healthcheck:
      test:
        - CMD
        - node
        - -e
        - ${JSON.stringify(IS_READY)}
      interval: 10s
      timeout: 5s
      retries: 3
      # The database may be migrated first.
      start_period: 10m
    restart: unless-stopped
    init: true
    # Attempts under way may end before the container does.
    stop_grace_period: 30s
    read_only: true
    tmpfs: [/tmp]
    cap_drop: [ALL]
    security_opt: ['no-new-privileges:true']
    mem_limit: 1g

volumes:
  data:
    # The same whatever this folder is called.
    name: sureping_data
${isServiceName(n8nHost) ? NETWORK_OF_N8N : ''}`;
}

const NETWORK_OF_N8N = `
networks:
  # The network of the container "n8n". "docker network ls" lists the names; set N8N_NETWORK in .env to another one.
  n8n:
    name: \${N8N_NETWORK:-n8n_default}
    external: true
`;
