import { type Command, Option } from 'commander';
import type { InitOptions } from './init/answers.ts';
import { printError } from './output.ts';

/** `sureping init`: writes what a runner beside n8n needs, and overwrites nothing. */
export function addInit(program: Command): void {
	program
		.command('init')
		.description('write the config, the secrets and the service of a runner beside n8n')
		.option('--n8n <url>', 'where n8n runs, as the runner sees it (default: http://localhost:5678)')
		.addOption(
			new Option('--docker', 'a container: writes compose.yaml as well').conflicts('systemd'),
		)
		.option('--systemd', 'a service of systemd: writes sureping.service as well')
		.option('--public-url <url>', 'URL at which others reach the runner')
		.option('--dir <dir>', 'folder for the files', '.')
		.option('--yes', 'ask nothing, take the defaults for what is not given')
		.option('--show-key', 'print the API key in place of the path of its file')
		.option('--json', 'print JSON')
		.action(async (options: InitOptions, command: Command) => {
			// Loaded only now: no other command needs it.
			const { init, CannotWrite, WrongAnswer } = await import('./init/index.ts');
			try {
				await init(options);
			} catch (error) {
				if (error instanceof WrongAnswer) command.error(error.message);
				if (!(error instanceof CannotWrite)) throw error;
				printError(...error.message.split('\n'));
				process.exitCode = 1;
			}
		});
}
