/** Commander as the runner uses it, for tests that run a command in their own process: other packages bring older releases. */
export { Command, CommanderError } from 'commander';
