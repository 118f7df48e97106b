import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { chromium, type Browser } from 'playwright-core';

const PRINT_PATH = `import chromium from '@sparticuz/chromium'; process.stdout.write(await chromium.executablePath());`;

/**
 * A headless Chromium from an npm package: nothing to install on the machine and no download of its own.
 *
 * The package is ESM only, which jest cannot import, and unpacks its binary on first use; so it runs in a Node process
 * of its own.
 */
export async function launchChromium(): Promise<Browser> {
	const { stdout: executablePath } = await promisify(execFile)(process.execPath, [
		'--input-type=module',
		'--eval',
		PRINT_PATH,
	]);
	return await chromium.launch({
		executablePath,
		// Chromium cannot use its sandbox as root (as in most containers); it only opens our own n8n.
		args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
	});
}
