import { DEFAULT_PORT } from './default-port.ts';

/**
 * The reason for which a server cannot listen, and the remedy; undefined for another error
 * (nodejs.org/api/errors.html).
 * @param script the script of a package.json that npm runs, as in `npm_lifecycle_event`
 */
export function listenReason(
	error: unknown,
	host: string,
	port: string,
	script = process.env.npm_lifecycle_event,
): string | undefined {
	// npm keeps options for itself that do not come after `--`.
	const call = script === 'start' ? 'npm start -- ' : '';
	const { code, syscall } = Object(error) as { code?: unknown; syscall?: unknown };
	switch (code) {
		case 'EADDRINUSE':
			return `Port ${port} on ${host} is in use, perhaps by another Sureping. Stop that program, or take another port: ${call}--port ${Number(port) + 1}, or --port 0 for a free one.`;
		case 'EACCES':
			return syscall === 'listen'
				? `This user is not allowed to listen on port ${port}. Use a port from 1024 up, such as --port ${DEFAULT_PORT}.`
				: undefined;
		case 'EADDRNOTAVAIL':
			return `This machine has no address ${host}. Give --host 127.0.0.1 for this machine only, or --host 0.0.0.0 for all networks.`;
		case 'ENOTFOUND':
		case 'EAI_AGAIN':
		case 'EINVAL':
			return syscall === 'getaddrinfo' || syscall === 'listen'
				? `--host ${host} is not known here. Give an address, such as 127.0.0.1 or 0.0.0.0.`
				: undefined;
		default:
			return undefined;
	}
}
