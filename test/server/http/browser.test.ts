/**
 * The pages in a browser, as a person opens them. Where no Chromium is installed these tests are skipped, and the count
 * of `npm test` says so; on the machine of all checks they fail.
 */
import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type App, startApp } from '../../gateway/app.ts';
import { needs } from '../../within.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);

describe('the pages in a browser', function () {
  this.timeout(180_000);
  let browser: Browser | undefined;
  let page: Page;
  let app: App | undefined;
  /** What the browser complained about, and whom it asked besides the gateway. */
  const complaints: string[] = [];
  const asked = new Set<string>();

  before(async function () {
    needs(this, 'chromium', CHROMIUM !== undefined);
    browser = await chromium.launch({
      executablePath: CHROMIUM ?? '',
      args: ['--no-sandbox', '--disable-gpu'],
    });
    page = await browser.newPage();
    page.on('console', (said) => said.type() === 'error' && complaints.push(said.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => asked.add(new URL(request.url()).origin));
    app = await startApp({ enrol: enrolByHand });
  });
  after(async () => {
    await browser?.close();
    await app?.remove();
  });

  /** Opens the line the gateway printed, clicks, and copies what is shown. */
  async function enrolByHand(url: string, link: string): Promise<string> {
    await page.goto(`${url}/enrol#${link}`);
    expect(new URL(page.url()).hash).to.equal('');
    expect(await page.locator('#token').isVisible()).to.equal(false);
    await page.getByRole('button').click();
    await page.locator('#token').waitFor({ state: 'visible' });
    return page.locator('#token').innerText();
  }

  it('turn the one-time link into a token that administers the gateway, by one click', async () => {
    // The token came from the page: what it issues works.
    const token = await app?.token('auditor', 1);
    expect((await app?.ask('GET', '/entries', { token }))?.status).to.equal(200);
    expect((await app?.ask('GET', '/tokens', { token }))?.status).to.equal(403);
  });

  it('show how the ledger stands, and fit a small phone', async () => {
    await page.setViewportSize({ width: 320, height: 640 });
    await page.goto(`${app?.url}/`);
    await page.getByText('Is the ledger sound?').waitFor();
    const wider = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
    expect(wider).to.be.at.most(0);
  });

  it('list every operation on the page of the API', async () => {
    await page.setViewportSize({ width: 1200, height: 900 });
    const described = await app?.ask<{ paths: Record<string, object> }>('GET', '/openapi.json');
    const operations = Object.values(described?.body.paths ?? {}).flatMap((methods) => Object.keys(methods));
    await page.goto(`${app?.url}/api`);
    await page.locator('.opblock').first().waitFor();
    expect(await page.locator('.opblock').count()).to.equal(operations.length);
  });

  it('ask nobody but the gateway, and give the browser nothing to complain about', () => {
    expect([...asked]).to.deep.equal([app?.url]);
    expect(complaints).to.deep.equal([]);
  });
});
