/**
 * A browser for tests of pages: signing in, what axe finds, what is too wide or too small, and a picture of each page.
 *
 * With `KUDURRU_PICTURES=FOLDER` every page that is looked at is kept as a picture in each language and width, for people.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
const ROOT = path.resolve(import.meta.dirname, '../..');
const AXE = readFileSync(path.join(ROOT, 'node_modules/axe-core/axe.min.js'), 'utf8');
const PICTURES = process.env.KUDURRU_PICTURES;
export const LANGUAGES = ['en', 'fr', 'ar'] as const;
const WIDTHS = [320, 1280] as const;

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

export interface InBrowser {
  /** What pages and the browser complained of. */
  readonly complaints: readonly string[];
  /** Origins that were asked for anything. */
  readonly asked: ReadonlySet<string>;
  /** In a browser of its own, which has never been here. */
  newPage(): Promise<Page>;
  signIn(page: Page, token: string, place?: string): Promise<void>;
  open(page: Page, place: string): Promise<void>;
  close(): Promise<void>;
}

/** `url` is the gateway's. */
export async function startBrowser(url: string): Promise<InBrowser> {
  const browser: Browser = await chromium.launch({
    executablePath: CHROMIUM ?? '',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const opened: BrowserContext[] = [];
  const complaints: string[] = [];
  const asked = new Set<string>();
  return {
    complaints,
    asked,
    newPage: async () => {
      const context = await browser.newContext({
        acceptDownloads: true,
        // Each is somebody else's machine: all of them together ask more in a minute than one address may.
        extraHTTPHeaders: { 'X-Forwarded-For': `10.0.${opened.length >> 8}.${opened.length & 255}` },
      });
      opened.push(context);
      const page = await context.newPage();
      page.on('console', (said) => said.type() === 'error' && complaints.push(said.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => asked.add(new URL(request.url()).origin));
      return page;
    },
    signIn: async (page, token, place = '/console/en/') => {
      await page.goto(`${url}${place}`);
      await page.locator('#token').fill(token);
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: /Sign out|déconnecter|الخروج/ }).waitFor();
      await page.locator('main[aria-busy]').waitFor({ state: 'detached' });
    },
    open: async (page, place) => {
      await page.goto(`${url}${place}`);
      await page.locator('main h1[tabindex]').waitFor();
    },
    close: async () => {
      for (const context of opened) await context.close();
      await browser.close();
    },
  };
}

export async function findingsOf(page: Page): Promise<readonly string[]> {
  // Evaluated by the debugger, which the page's policy does not bind.
  await page.evaluate(AXE);
  const found = await page.evaluate<readonly Finding[]>(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(({ violations }) => violations)`,
  );
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

const widerThanScreen = (page: Page) =>
  page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');

/** What a finger would miss: links within a sentence are as high as it. */
const tooSmall = (page: Page) =>
  page.evaluate<readonly string[]>(
    `[...document.querySelectorAll('button, input, select, summary, nav a, td a, .tabs a, .languages a, .work a')]
      .filter((one) => { const { width, height } = one.getBoundingClientRect(); return width < 24 || height < 24; })
      .map((one) => one.outerHTML.slice(0, 80))`,
  );

/** In the language and its direction, at each width without scrolling sideways, with targets a finger hits, and 0 findings. */
export async function looksRight(page: Page, name: string, language: string): Promise<void> {
  expect(await page.evaluate('[document.documentElement.lang, document.documentElement.dir]')).to.deep.equal([
    language,
    language === 'ar' ? 'rtl' : 'ltr',
  ]);
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: width === 320 ? 640 : 900 });
    expect(await widerThanScreen(page), `${name} at ${width}`).to.be.at.most(0);
    expect(await tooSmall(page), `targets of ${name} at ${width}`).to.deep.equal([]);
    if (PICTURES === undefined) continue;
    mkdirSync(PICTURES, { recursive: true });
    await page.screenshot({ path: path.join(PICTURES, `${name}-${language}-${width}.png`), fullPage: true });
  }
  expect(await findingsOf(page), `${name} in ${language}`).to.deep.equal([]);
}
