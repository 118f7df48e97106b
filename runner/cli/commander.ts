/** The runner's own release of it, for tests that run a command in their own process: other packages bring older ones. */
export { Command, CommanderError } from 'commander';
