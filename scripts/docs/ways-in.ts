import { intoContainer } from '../../runner/cli/init/next-steps.ts';
import { imageName } from '../../runner/published.ts';
import { withTables } from './marked-tables.ts';

/** A part of a page that says where Sureping comes from, in its two wordings. */
interface Wording {
	/** While no registry has it. */
	readonly clone: string;
	/** From the first release on. */
	readonly registry: string;
}

const lines = (...all: readonly string[]): string => all.join('\n');
const shell = (...commands: readonly string[]): string => lines('```sh', ...commands, '```');

/** The image as a clone builds it. */
const BUILT = imageName(false);
const CLONE = 'git clone https://github.com/sureping/sureping && cd sureping';
const COMMUNITY_NODES = '*Settings → Community nodes → Install*, name `n8n-nodes-sureping`';

/** The command in a clone. Anywhere else it fails, rather than that npx asks the registry for a package of this name. */
const IN_CLONE = 'npx --no-install sureping';

const PACK_NODES = 'npm run stage && npm pack ./dist/packages/n8n-nodes-sureping';

/** The nodes as a package file of the clone, put where n8n keeps its community nodes. */
const NODES_OF_CLONE = [
	PACK_NODES,
	'npm install --prefix ~/.n8n/nodes --legacy-peer-deps ./n8n-nodes-sureping-*.tgz   # then start n8n again',
];

const SERVE: Wording = {
	clone: shell('npm start -- --config sureping.yaml'),
	registry: shell('npx sureping serve --config sureping.yaml'),
};

const README: Readonly<Record<string, Wording>> = {
	'ways in: try': {
		clone: lines(
			shell(
				CLONE,
				'npm run n8n   # a local n8n with the nodes, a runner and two example workflows, ready to click',
			),
			'',
			'You need git and Node.js ≥ 20 with npm. The first `npm run n8n` installs n8n into a cache folder (about 2 GB, a few minutes).',
			'For the runner alone, with a key and a `curl` command to try, run `npm start` instead.',
			'',
			'In **your own n8n** (1.123 or newer), install the nodes from the clone, and set up a runner beside it, the small server that',
			'does the sending. `init` asks where n8n is, writes the config, and prints three next steps:',
			'',
			shell(...NODES_OF_CLONE, `${IN_CLONE} init --dir ~/sureping`),
			'',
			'The [quick start](docs/quick-start.md) takes five minutes.',
		),
		registry: lines(
			`In **your own n8n** (1.123 or newer): ${COMMUNITY_NODES}. Then set up a runner beside it, the small server`,
			'that does the sending. `init` asks where n8n is, writes the config, and prints three next steps:',
			'',
			shell('npx sureping init --dir sureping'),
			'',
			'Without an n8n, see it all in one that is ready to click:',
			'',
			shell(CLONE, 'npm run n8n'),
			'',
			'The [quick start](docs/quick-start.md) takes five minutes.',
		),
	},
	'ways in: serve': SERVE,
};

const INIT = 'init --dir ~/sureping';
const INIT_DOCKER = 'init --docker --n8n http://n8n:5678 --dir ~/sureping';

const QUICK_START: Readonly<Record<string, Wording>> = {
	'ways in: requirements': {
		clone: lines(
			'You need git and Node.js ≥ 20 with npm. Sureping itself runs on Node.js 24. If yours is older, the commands below fetch that',
			'version from the npm registry into a cache folder and use it.',
		),
		registry: 'You need Node.js ≥ 24 with npm, or Docker.',
	},
	'ways in: nodes': {
		clone: lines(
			'**1. Install the nodes** into n8n 1.123 or newer, from a clone. The package has no dependencies. With another user folder than',
			'`~/.n8n`, use its path. If n8n is in a container, see [n8n in Docker](#n8n-in-docker).',
			'',
			shell(CLONE, ...NODES_OF_CLONE),
		),
		registry: lines(
			`**1. Install the nodes.** In n8n: ${COMMUNITY_NODES}. n8n 1.123 or newer is needed. The package has no`,
			'dependencies.',
		),
	},
	'ways in: init': {
		clone: lines('In the clone:', '', shell(`${IN_CLONE} ${INIT}`)),
		registry: shell(`npx sureping ${INIT}`),
	},
	'ways in: init docker': {
		clone: lines('In the clone:', '', shell(`${IN_CLONE} ${INIT_DOCKER}`)),
		registry: shell(`npx sureping ${INIT_DOCKER}`),
	},
	'ways in: nodes for docker': {
		clone: lines(
			'The nodes have to be in the volume of that n8n, not in `~/.n8n` of the host. In the clone, with `n8n` as the name of its',
			'container (`docker ps`):',
			'',
			shell(PACK_NODES, ...intoContainer('n8n')),
			'',
			'n8n loads the nodes when it starts. Without a volume at `/home/node/.n8n` they are gone with the container. No test of ours runs',
			'these commands, as none has a Docker with n8n.',
		),
		registry: `The nodes: ${COMMUNITY_NODES}, as above.`,
	},
	'ways in: api': { clone: shell(CLONE, 'npm start'), registry: shell('npx sureping serve') },
};

const INSTALL: Readonly<Record<string, Wording>> = {
	'ways in: install': {
		clone: lines(
			'No registry has Sureping yet. A clone makes the package of the runner, and you install that (for all users with `sudo`):',
			'',
			shell(
				CLONE,
				'npm run stage && npm pack ./dist/packages/sureping',
				'npm install --global ./sureping-*.tgz',
			),
			'',
			'In the clone itself `npx --no-install sureping` runs the same command, and `npm start` is its `serve`. With an older Node.js',
			'(≥ 20), the first `npm` command in the clone fetches Node.js 24 into the cache folder of your account, and `sureping` uses it.',
		),
		registry: lines(
			'With Node.js ≥ 24, `npx sureping init` runs it without an installation. To have `sureping` for all users, as a service needs it:',
			'',
			shell('npm install --global sureping'),
		),
	},
	'ways in: image': {
		clone: lines('Build the image in the clone once:', '', shell(`docker build --tag ${BUILT} .`)),
		registry: `The image is \`${imageName(true)}\`.`,
	},
};

const runImage = (image: string): string =>
	`docker run --rm --publish 127.0.0.1:8477:8477 --volume sureping-data:/data ${image}`;

const DOCKER: Readonly<Record<string, Wording>> = {
	'ways in: image': {
		clone: lines(
			'No registry has the image yet. A clone makes it:',
			'',
			shell(CLONE, `docker build --tag ${BUILT} .`, runImage(BUILT)),
		),
		registry: shell(runImage(imageName(true))),
	},
};

const SECRET_OF_CHART = [
	'kubectl create secret generic sureping \\',
	'\t--from-literal=SUREPING_KEY="$(openssl rand -hex 32)" --from-literal=CALLBACK_SECRET="$(openssl rand -hex 32)"',
];

const DEPLOY: Readonly<Record<string, Wording>> = {
	'ways in: chart': {
		clone: lines(
			'No registry has the image yet. A clone makes it, for a registry that your cluster reaches:',
			'',
			shell(
				CLONE,
				`docker build --tag registry.example.com/${BUILT} .`,
				`docker push registry.example.com/${BUILT}`,
			),
			'',
			'Make the secrets, and install the chart of the clone with this image:',
			'',
			shell(
				...SECRET_OF_CHART,
				'helm install sureping ./deploy/helm --set secret.existing=sureping \\',
				`\t--set image.repository=registry.example.com/${BUILT.split(':', 1).join('')}`,
			),
		),
		registry: lines(
			'The chart is in a clone:',
			'',
			shell(
				CLONE,
				...SECRET_OF_CHART,
				'helm install sureping ./deploy/helm --set secret.existing=sureping',
			),
		),
	},
	'ways in: platforms': {
		clone: lines(
			'Build the image on the server first. Such an image is in no registry, and CapRover and Unraid may try to pull it all the',
			'same; nobody has tried.',
			'',
			shell(`docker build --tag ${BUILT} https://github.com/sureping/sureping.git`),
		),
		registry: `The image is \`${imageName(true)}\`.`,
	},
};

const UPGRADE: Readonly<Record<string, Wording>> = {
	'ways in: runner': {
		clone: lines(
			'In the clone, for a terminal:',
			'',
			shell(
				'git pull && rm -f sureping-*.tgz',
				'npm run stage && npm pack ./dist/packages/sureping',
				'npm install --global ./sureping-*.tgz',
			),
			'',
			'For systemd the same, with `sudo npm install --global`. For Docker Compose build the image, and write its tag into',
			'`compose.yaml`:',
			'',
			shell('git pull', 'docker build --tag sureping:VERSION .'),
		),
		registry: lines(
			'For a terminal, and with `sudo` for systemd:',
			'',
			shell('npm install --global sureping@latest'),
			'',
			`For Docker Compose write the new tag into \`compose.yaml\`, such as \`${imageName(true)}\`.`,
		),
	},
	'ways in: nodes': {
		clone: lines(
			'Pull the clone, remove the old package file (`rm -f n8n-nodes-sureping-*.tgz`), run the commands of the',
			'[installation](../quick-start.md#i-have-an-n8n) in it again, and start n8n again.',
		),
		registry: lines(
			'Update `n8n-nodes-sureping` under *Settings → Community nodes*. n8n does not list a package that was installed from a clone.',
			'Remove that one, start n8n again, and install it under *Settings → Community nodes → Install*:',
			'',
			shell('npm uninstall --prefix ~/.n8n/nodes --legacy-peer-deps n8n-nodes-sureping'),
		),
	},
};

const RUNNER_PACKAGE: Readonly<Record<string, Wording>> = {
	'ways in: serve': {
		clone: lines(
			shell(CLONE, 'npm start'),
			'',
			'Nothing is published yet: this is a clone of the sources.',
		),
		registry: shell('npx sureping serve'),
	},
};

const NODES_PACKAGE: Readonly<Record<string, Wording>> = {
	'ways in: nodes': {
		clone: lines(
			'Nothing is published yet. Until then the package is made of a clone, on the machine of n8n:',
			'',
			shell(CLONE, ...NODES_OF_CLONE),
		),
		registry: lines(
			`In a self-hosted n8n: ${COMMUNITY_NODES}. The owner and admins of an instance see this`,
			"screen. [n8n's guide](https://docs.n8n.io/integrations/community-nodes/installation-and-management)",
		),
	},
};

const PAGES = {
	'README.md': README,
	'docs/quick-start.md': QUICK_START,
	'docs/runner/install.md': INSTALL,
	'docs/operate/docker.md': DOCKER,
	'docs/operate/deploy.md': DEPLOY,
	'docs/operate/upgrade.md': UPGRADE,
	'runner/README.md': RUNNER_PACKAGE,
	'nodes/README.md': NODES_PACKAGE,
} satisfies Readonly<Record<string, Readonly<Record<string, Wording>>>>;

/**
 * The pages whose ways in are generated, each with a function that takes the page and writes the wording of now into it.
 * @param published PUBLISHED of runner/published.ts
 */
export const waysIn = (published: boolean): Readonly<Record<string, (page: string) => string>> =>
	Object.fromEntries(
		Object.entries(PAGES).map(([path, wordings]) => [
			path,
			(page: string) =>
				withTables(
					path,
					page,
					Object.fromEntries(
						Object.entries(wordings).map(([mark, { clone, registry }]) => [
							mark,
							published ? registry : clone,
						]),
					),
				),
		]),
	);
