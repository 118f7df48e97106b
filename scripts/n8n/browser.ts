import type { Browser, Page } from 'playwright-core';
import type { Owner, Workflow } from './api.ts';
import { launchChromium } from './chromium.ts';

const VIEWPORT = { width: 1440, height: 900 };

/** n8n's editor in a browser, logged in. */
export class Editor {
	/** The page, for actions that have no method here. */
	readonly page: Page;
	private readonly browser: Browser;
	private readonly url: string;

	private constructor(url: string, browser: Browser, page: Page) {
		this.url = url;
		this.browser = browser;
		this.page = page;
	}

	static async open(
		url: string,
		owner: Owner,
		options: { colorScheme?: 'light' | 'dark' } = {},
	): Promise<Editor> {
		const browser = await launchChromium();
		const page = await browser.newPage({
			viewport: VIEWPORT,
			colorScheme: options.colorScheme ?? 'light',
		});
		await page.goto(`${url}/signin`);
		await page.locator('input[type=email]').fill(owner.email);
		await page.locator('input[type=password]').fill(owner.password);
		await page.locator('[data-test-id=form-submit-button], button[type=submit]').first().click();
		await page.waitForURL((address) => !address.pathname.startsWith('/signin'));
		return new Editor(url, browser, page);
	}

	async openWorkflow(workflow: Workflow): Promise<void> {
		await this.page.goto(`${this.url}/workflow/${workflow.id}`);
		await this.page.locator('[data-test-id=canvas-node]').first().waitFor();
	}

	/** Opens the panel of a node by its name on the canvas. */
	async openNode(name: string): Promise<void> {
		await this.page.locator(`[data-test-id=canvas-node][data-node-name="${name}"]`).dblclick();
		await this.page.locator('[data-test-id=ndv]').waitFor();
	}

	async closeNode(): Promise<void> {
		await this.page.keyboard.press('Escape');
		await this.page.locator('[data-test-id=ndv]').waitFor({ state: 'hidden' });
	}

	/** Opens the panel that offers every node, and searches it. */
	async searchNodes(text: string): Promise<void> {
		await this.page.locator('[data-test-id=node-creator-plus-button]').click();
		await this.page.locator('[data-test-id=node-creator-search-bar]').fill(text);
	}

	async screenshot(file: string): Promise<void> {
		await this.page.waitForLoadState('networkidle');
		await this.page.screenshot({ path: file });
	}

	async close(): Promise<void> {
		await this.browser.close();
	}
}
