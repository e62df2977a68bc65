/** What is found, in a browser: each record apart, what follows within reach, and a form that stays where it is refused. */
import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type App, startApp } from '../gateway/app.ts';
import { needs } from '../within.ts';
import { type Registry, registerVillage } from './registry.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);

describe('what is found in the console', function () {
  this.timeout(120_000);
  let browser: Browser | undefined;
  let app: App | undefined;
  let village: Registry;
  before(async function () {
    needs(this, 'chromium', CHROMIUM !== undefined);
    app = await startApp();
    village = await registerVillage(app);
    browser = await chromium.launch({
      executablePath: CHROMIUM ?? '',
      args: ['--no-sandbox', '--disable-gpu'],
    });
  });
  after(async () => {
    await browser?.close();
    await app?.remove();
  });

  async function signedIn(place: string): Promise<Page> {
    if (browser === undefined || app === undefined) throw new Error('nothing was started');
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${app.url}/console/en${place}`);
    await page.locator('#token').fill(await app.token('registrar', 1));
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Sign out everywhere' }).waitFor();
    await page.locator('#token').waitFor({ state: 'detached' });
    return page;
  }

  it('shows both names of a person, and leads on to the people, the titles and the records that follow', async () => {
    const page = await signedIn('/find');
    const person = (name: string, more: object = {}) => ({
      ...{ personId: `0x${'ab'.repeat(32)}`, hasMoreRecords: false, titles: [] },
      records: [{ type: 'party', id: 'self', version: 1, fields: { name } }],
      ...more,
    });
    const two = person('', {
      records: [{ fields: { name: 'Mara Before' } }, { fields: { name: 'Mara After' } }],
      titles: [{ baUnit: village.held, holdings: [], number: 'A/1' }],
      nextTitles: 'TITLES',
      hasMoreRecords: true,
    });
    await page.route(
      ({ pathname }) => pathname === '/people/searches',
      (route) => {
        const { after, titlesAfter } = route.request().postDataJSON() as Record<string, unknown>;
        const rows =
          after === 'PEOPLE'
            ? [person('Somebody Else')]
            : titlesAfter === 'TITLES'
              ? [person('', { titles: [{ baUnit: village.sold, holdings: [], number: 'A/2' }] })]
              : [two];
        const next = after === undefined ? 'PEOPLE' : undefined;
        return route.fulfill({ json: { total: 2, isTotalExact: true, rows, next } });
      },
    );
    await page.route(
      ({ pathname }) => pathname === `/people/${two.personId}`,
      (route) =>
        route.fulfill({
          json: { records: ['Before', 'After', 'Then'].map((name) => ({ fields: { name } })) },
        }),
    );
    await page.locator('#person').fill('Mara');
    await page.locator('#purpose').selectOption('case-work');
    await page.locator('#case').fill('CASE-7');
    await page.locator('#case').press('Enter');
    await page.getByText('Mara Before').waitFor();
    await page.getByText('Mara After').waitFor();
    await page.getByText('The first 1 of 2').or(page.getByText('1 of 2')).first().waitFor();
    const more = page.getByRole('button', { name: 'Show more' });
    await more.nth(0).click();
    await page.getByText('Then', { exact: true }).waitFor();
    expect(await page.getByText('Mara Before').count()).to.equal(0);
    await more.nth(0).click();
    await page.getByRole('link', { name: 'Parcel A/2' }).waitFor();
    await more.nth(0).click();
    await page.getByText('Somebody Else').waitFor();
    expect(await more.count()).to.equal(0);
  });

  it('leaves the form as it was typed where the ground is refused, and says why beside it', async () => {
    const page = await signedIn('/find');
    await page.locator('#office').fill('999');
    await page.locator('#sought').fill('A/1');
    await page.locator('#sought').press('Enter');
    await page.locator('main').getByRole('alert').getByText('The gateway refused this').waitFor();
    expect(await page.locator('#office').inputValue()).to.equal('999');
    expect(await page.locator('#sought').inputValue()).to.equal('A/1');
  });

  it('has what happened last at the beginning of a history', async () => {
    const page = await signedIn(`/titles/${village.held}`);
    const acts = await page.locator('.history h3').allInnerTexts();
    expect(acts.at(-1)).to.equal('First registration');
    expect(acts.length).to.be.greaterThan(2);
  });
});
