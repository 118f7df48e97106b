import { join } from 'node:path';
import { IMAGE, PUBLISHED } from '../../published.ts';
import { VERSION } from '../../version.ts';
import { hostOf } from '../../transport/host-name.ts';
import { shellWord } from './command-name.ts';
import type { Answers, Route } from './plan.ts';
import { SERVICE } from './templates/index.ts';

/** One thing to do next: a sentence, and the commands or values for it. */
export interface Step {
	readonly does: string;
	readonly lines: readonly string[];
}

export interface Situation {
	readonly answers: Answers;
	readonly route: Route;
	/** Absolute path of the folder that has the files. */
	readonly dir: string;
	/** The working directory. */
	readonly cwd: string;
	/** How this program is called in `dir`. */
	readonly command: string;
	/** The API key, only if it is to be shown. */
	readonly key: string | undefined;
}

const CLONE = 'git clone https://github.com/sureping/sureping';

const pack = (name: string): string =>
	`npm run stage && npm pack ./dist/packages/${name}   # in a clone`;

/** The command that checks the way between n8n and the runner, from where the runner runs. */
export function doctorCommand({ answers, route, cwd, dir, command }: Situation): string {
	const n8n = new URL(answers.n8n);
	if (route.n8nHost !== hostOf(n8n)) n8n.hostname = route.n8nHost;
	const options = `doctor --n8n ${shellWord(n8n.href.replace(/\/$/, ''))}`;
	const go = dir === cwd ? '' : `cd ${shellWord(dir)} && `;
	return answers.placement === 'docker'
		? `${go}docker compose exec ${SERVICE} sureping ${options} --data-dir /data`
		: `${go}${command} ${options}`;
}

/** The three steps from the files to a first notification. */
export function nextSteps(situation: Situation): readonly [Step, Step, Step] {
	const { route, dir, key } = situation;
	return [
		start(situation),
		{
			does: 'In n8n create a credential "Sureping Runner API"',
			lines: [
				`Base URL: ${route.runnerUrl}`,
				`API Key:  ${key ?? `the value of SUREPING_KEY in ${join(dir, '.env')}`}`,
			],
		},
		PUBLISHED
			? {
					does: 'In n8n install the nodes',
					lines: ['Settings → Community nodes → Install → n8n-nodes-sureping'],
				}
			: {
					does: 'Install the nodes from a clone, and start n8n again',
					lines: [
						pack('n8n-nodes-sureping'),
						`npm install --prefix ~/.n8n/nodes --legacy-peer-deps ./n8n-nodes-sureping-${VERSION}.tgz`,
					],
				},
	];
}

function start({ answers, dir, cwd, command }: Situation): Step {
	const go = dir === cwd ? [] : [`cd ${shellWord(dir)}`];
	switch (answers.placement) {
		case 'terminal':
			return { does: 'Start the runner', lines: [...go, `${command} serve`] };
		case 'docker': {
			const up = [...go, 'docker compose up --detach'];
			if (PUBLISHED) return { does: 'Start the runner', lines: up };
			const build = `${CLONE} && docker build --tag ${IMAGE} sureping`;
			return { does: 'Build the image in a clone, and start the runner', lines: [build, ...up] };
		}
		case 'systemd': {
			const enable = `sudo systemctl enable --now ${shellWord(join(dir, 'sureping.service'))}`;
			return PUBLISHED
				? {
						does: 'Install the command for all users, and start the service',
						lines: ['sudo npm install --global sureping', enable],
					}
				: {
						does: 'Install the command for all users from a clone, and start the service',
						lines: [
							pack('sureping'),
							`sudo npm install --global ./sureping-${VERSION}.tgz`,
							enable,
						],
					};
		}
	}
}
