import { join } from 'node:path';
import { IMAGE, PUBLISHED } from '../../published.ts';
import { VERSION } from '../../version.ts';
import { hostOf } from '../../transport/host-name.ts';
import type { Answers, Route } from './plan.ts';
import { isServiceName, SERVICE, STATE_DIR } from './templates/index.ts';
import { shellWord } from '../../words/index.ts';

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

/** Docker clones it by itself. */
const SOURCES = 'https://github.com/sureping/sureping.git';

const NODES_TARBALL = `n8n-nodes-sureping-${VERSION}.tgz`;

const pack = (name: string): string =>
	`npm run stage && npm pack ./dist/packages/${name}   # in a clone`;

/** The command that checks the way between n8n and the runner, from where the runner runs. */
export function doctorCommand({ answers, route, cwd, dir, command }: Situation): string {
	const n8n = new URL(answers.n8n);
	if (route.n8nHost !== hostOf(n8n)) n8n.hostname = route.n8nHost;
	const options = `doctor --n8n ${shellWord(n8n.href.replace(/\/$/, ''))}`;
	const go = dir === cwd ? '' : `cd ${shellWord(dir)} && `;
	switch (answers.placement) {
		case 'terminal':
			return `${go}${command} ${options}`;
		case 'docker':
			return `${go}docker compose exec ${SERVICE} sureping ${options} --data-dir /data`;
		case 'systemd':
			// The files and the database may belong to root alone.
			return `${go}sudo sureping ${options} --data-dir ${STATE_DIR}`;
	}
}

/**
 * The three steps from the files to a first notification.
 * @param published whether the registries have the packages and the image
 */
export function nextSteps(
	situation: Situation,
	published = PUBLISHED,
): readonly [Step, Step, Step] {
	const { route, dir, key } = situation;
	return [
		start(situation, published),
		{
			does: 'In n8n create a credential "Sureping Runner API"',
			lines: [
				`Base URL: ${route.runnerUrl}`,
				`API Key:  ${key ?? `the value of SUREPING_KEY in ${join(dir, '.env')}`}`,
			],
		},
		nodes(situation, published),
	];
}

function nodes({ answers, route }: Situation, published: boolean): Step {
	if (published) {
		return {
			does: 'If you have not yet, install the nodes in n8n',
			lines: ['Settings → Community nodes → Install → n8n-nodes-sureping'],
		};
	}
	if (answers.placement === 'docker' && isServiceName(route.n8nHost)) {
		return {
			does: `If you have not yet, install the nodes from a clone into the container ${route.n8nHost}, and start it again`,
			lines: [pack('n8n-nodes-sureping'), ...intoContainer(route.n8nHost)],
		};
	}
	return {
		does: 'If you have not yet, install the nodes from a clone, and start n8n again',
		lines: [
			pack('n8n-nodes-sureping'),
			`npm install --prefix ~/.n8n/nodes --legacy-peer-deps ./${NODES_TARBALL}`,
		],
	};
}

/** Puts the packed nodes into the container `name`: its n8n reads those of its own volume, not of the host's `~/.n8n`. */
export const intoContainer = (name: string): readonly string[] => [
	`# ${name} has to be the container's name, as in "docker ps", and its /home/node/.n8n a volume`,
	`docker cp ${NODES_TARBALL} ${name}:/tmp/`,
	`docker exec ${name} npm install --prefix /home/node/.n8n/nodes --legacy-peer-deps /tmp/${NODES_TARBALL}`,
	`docker restart ${name}`,
];

function start({ answers, dir, cwd, command }: Situation, published: boolean): Step {
	const go = dir === cwd ? [] : [`cd ${shellWord(dir)}`];
	switch (answers.placement) {
		case 'terminal':
			return { does: 'Start the runner', lines: [...go, `${command} serve`] };
		case 'docker': {
			const up = [...go, 'docker compose up --detach'];
			if (published) return { does: 'Start the runner', lines: up };
			const build = `docker build --tag ${IMAGE} ${SOURCES}`;
			return { does: 'Build the image, and start the runner', lines: [build, ...up] };
		}
		case 'systemd': {
			const enable = `sudo systemctl enable --now ${shellWord(join(dir, 'sureping.service'))}`;
			return published
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
