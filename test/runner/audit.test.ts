import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json, startRecordingServer } from '../fakes/recording-server.ts';

const BULK = '/-/npm/v1/security/advisories/bulk';

/** `npm run audit` against a registry with these advisories; undefined for one that offers no audit. */
async function audit(advisories: Record<string, unknown> | undefined) {
	const registry = await startRecordingServer(({ path }) => {
		if (path !== BULK) return json(404, { error: 'not found' });
		return advisories ? json(200, advisories) : json(405, {});
	});
	try {
		return await run(registry.url);
	} finally {
		await registry.close();
	}
}

function run(registry: string): Promise<{ code: number | null; out: string }> {
	return new Promise((resolve, reject) => {
		// npm remembers advisories, and these are none.
		const npm_config_cache = mkdtempSync(join(tmpdir(), 'sureping-audit-'));
		const child = spawn(process.execPath, ['scripts/audit.mjs', `--registry=${registry}`], {
			env: { ...process.env, npm_config_cache },
		});
		let out = '';
		child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
		child.on('error', reject);
		child.on('close', (code) => {
			rmSync(npm_config_cache, { recursive: true, force: true });
			resolve({ code, out });
		});
	});
}

const advisory = (severity: string) => [
	{
		id: 1,
		url: 'https://example.com/advisory',
		title: 'Answers anything',
		severity,
		vulnerable_versions: '<999',
		cwe: [],
		cvss: { score: 0, vectorString: null },
	},
];

describe('npm run audit', () => {
	it('says how many packages it looked at when nothing is known against them', async () => {
		const { code, out } = await audit({});
		expect(code).toBe(0);
		expect(out).toMatch(/^\d{2,} packages audited: 0 with known vulnerabilities, 0 of them high/);
	});

	it('fails for a vulnerability of high severity and names it', async () => {
		const { code, out } = await audit({ undici: advisory('high') });
		expect(code).toBe(1);
		expect(out).toMatch(/^high: undici .*Answers anything/m);
	});

	it('names one of low severity and does not fail', async () => {
		const { code, out } = await audit({ undici: advisory('low') });
		expect(code).toBe(0);
		expect(out).toMatch(/^low: undici/m);
	});

	it('does not look at what is only there for tests', async () => {
		expect((await audit({ jest: advisory('critical') })).out).not.toContain('jest');
	});

	it('says so and does not fail where the registry offers no audit, or is not there', async () => {
		for (const { code, out } of [await audit(undefined), await run('http://127.0.0.1:9')]) {
			expect([code, out]).toEqual([
				0,
				expect.stringMatching(/^Nothing was audited, as the registry/),
			]);
		}
	});
});
