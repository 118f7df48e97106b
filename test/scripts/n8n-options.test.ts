import { spawnSync } from 'node:child_process';

it('the local n8n refuses an option that it does not have, before it installs anything', () => {
	const { status, stderr } = spawnSync(
		process.execPath,
		['scripts/bootstrap.mjs', 'n8n', '--port', '5690'],
		{ encoding: 'utf8' },
	);
	expect([status, stderr.trim()]).toEqual([
		2,
		'npm run n8n does not know --port 5690. See npm run n8n -- --help',
	]);
});
