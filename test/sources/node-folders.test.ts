import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { importGraph } from '../support/import-graph.ts';
import { sourceFiles } from '../support/source-files.ts';

const NODES = join(__dirname, '..', '..', 'nodes');

/** Folders that hold a node of their own: `SendNotification` with `SendNotification.node.ts`. */
const OWNERS = readdirSync(NODES).filter((name) =>
	existsSync(join(NODES, name, `${name}.node.ts`)),
);

const ownerOf = (path: string): string | undefined =>
	OWNERS.find((name) => path.startsWith(`nodes/${name}/`));

it('knows the nodes', () => {
	expect(OWNERS.sort()).toEqual(['PollingTrigger', 'SendNotification', 'WebhookTrigger']);
});

it('a node imports from no other node’s folder, and what nodes share from none', () => {
	const graph = importGraph(sourceFiles(['nodes']));
	const across = [...graph].flatMap(([file, imported]) =>
		imported
			.filter((path) => ownerOf(path) !== undefined && ownerOf(path) !== ownerOf(file))
			.map((path) => `${file} → ${path}`),
	);
	expect(across).toEqual([]);
});
