/** A cycle of aid walked through in the console, from its roll to what was sold of it, and the settlement of a shop. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { Aid, syntheticPeople } from '../aid/aid.ts';
import { type ActTold, type App, OFFICERS, startApp } from '../gateway/app.ts';
import { needs } from '../within.ts';
import { CHROMIUM, type InBrowser, LANGUAGES, looksRight, startBrowser } from './inBrowser.ts';

const BY = [OFFICERS.preparer, OFFICERS.approver] as const;
const DAY_MS = 86_400_000;

describe('a cycle in the console', function () {
  this.timeout(300_000);
  let browser: InBrowser | undefined;
  let app: App | undefined;
  let aid: Aid;
  let shop: Aid['vendors'][number];

  before(async function () {
    needs(this, 'chromium', CHROMIUM !== undefined);
    app = await startApp();
    aid = new Aid(app, 'cycle', ['corner shop']);
    await aid.define();
    await aid.fund('100000');
    const [first] = aid.vendors;
    if (first === undefined) throw new Error('there is no shop');
    shop = first;
    await aid.registerShop(shop);
    aid.people = (await aid.register(syntheticPeople(4))).body.people;
    await aid.act('/acts/enrolments', aid.enrolmentOf(aid.people));
    await aid.loadSlots();
    const places = await aid.ask<{ rows: Aid['places'] }>('GET', `${aid.path}/enrolments/1/places`);
    aid.places = places.body.rows;
    browser = await startBrowser(app.url);
  });
  after(async () => {
    await browser?.close();
    await app?.remove();
  });

  const shown = (): InBrowser => {
    if (browser === undefined) throw new Error('no browser was started');
    return browser;
  };
  const gateway = (): App => {
    if (app === undefined) throw new Error('the gateway was not started');
    return app;
  };

  async function officer(place: string, language = 'en'): Promise<Page> {
    const page = await shown().newPage();
    await shown().signIn(page, await gateway().token('agency', 1), `/console/${language}${place}`);
    return page;
  }

  /** As the two officers' own devices would. */
  async function signed(page: Page): Promise<void> {
    await page.getByText('To the signer, and back').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Keep the act as a file' }).click(),
    ]);
    await gateway().sign('agency', JSON.parse(readFileSync(await download.path(), 'utf8')) as ActTold, BY);
  }

  const cyclePlace = () => `/programmes/${aid.programme}/cycles/1`;

  it('is walked through: a roll that is refused and mended, its totals, the cards, the act, the units', async () => {
    const page = await officer(`/programmes/${aid.programme}`);
    await page.getByRole('link', { name: 'Prepare cycle 1' }).click();
    const send = async (text: string) => {
      const buffer = Buffer.from(text);
      await page.locator('#file').setInputFiles({ name: 'roll.csv', mimeType: 'text/csv', buffer });
      await page.locator('#people').fill('4');
      await page.locator('#units').fill('36');
      await page.getByRole('button', { name: 'Try it' }).click();
    };
    const roll = aid.rollOf(() => 9);
    await send(roll.replace(',9', ',nine'));
    await page
      .getByText('stand against the roll')
      .or(page.getByText('stands against the roll'))
      .first()
      .waitFor();
    expect(await page.getByRole('button', { name: 'Take the roll' }).count()).to.equal(0);
    await send(roll);
    await page.getByRole('button', { name: 'Take the roll' }).click();
    await page.getByText('2. What it costs').waitFor();
    await page.reload();
    await page.locator('#value').fill('50');
    await page.getByRole('button', { name: 'Work it out' }).click();
    await page.getByText('are missing. The ledger will refuse').waitFor();
    await page.locator('#value').fill('2.50');
    await page.getByRole('button', { name: 'Work it out' }).click();
    await page.getByText('are left after this cycle').waitFor();
    const totals = (await page.locator('table').innerText()).replaceAll('\u00a0', ' ');
    expect(totals).to.include('KES 90.00').and.to.include('36');
    const { headers } = await gateway().ask('GET', '/health/live');
    const now = Date.parse(headers.get('Date') ?? '');
    const day = (after: number) => new Date(now + after * DAY_MS).toISOString().slice(0, 10);
    await page.locator('#opensAt').fill(day(0));
    await page.locator('#spendUntil').fill(day(2));
    await page.locator('#postUntil').fill(day(3));
    await page.getByRole('button', { name: 'Prepare the act' }).click();
    await page.getByText('The cards were not looked at').waitFor();
    await page.getByRole('button', { name: 'Look at the cards' }).click();
    await page.getByText('4 people are enrolled, and all of their cards pay').waitFor();
    await page.locator('#officer').selectOption(OFFICERS.preparer.officer);
    await page.getByRole('button', { name: 'Prepare the act' }).click();
    await signed(page);
    await shown().open(page, `/console/en${cyclePlace()}`);
    await page.getByText('The ledger has 0 of').waitFor();
    await page.getByRole('button', { name: 'Send the units' }).click();
    await page.getByText('Granted and not redeemed').waitFor();
    expect((await aid.cycle()).state).to.equal('released');
    const units = page.locator('table', { hasText: 'what became of it' });
    expect(await units.locator('tbody tr').allInnerTexts()).to.deep.equal([
      ...['Granted\t36', 'Redeemed\t0', 'Not redeemed yet\t36', 'Expired\t0', 'Taken back\t0'],
    ]);
  });

  it('shows what was sold with what was not paid and why, and settles the shop', async () => {
    const token = await gateway().token('agency', 1);
    await gateway().ask('PUT', `/labels/${shop}`, { token, body: { label: 'Corner shop' } });
    const stale = new Uint8Array(32).fill(7);
    const sold = await aid.sell(
      aid.batchOf(shop, [
        { index: 0, units: 2, remainingBefore: 9 },
        { index: 1, units: 2, remainingBefore: 9, key: stale },
      ]),
    );
    expect(sold.body.isFinal, sold.text).to.equal(true);
    const page = await officer(`${cyclePlace()}/redemptions`);
    await page.getByText('1 batch.').first().waitFor();
    expect(await page.locator('tbody tr').innerText())
      .to.include('Corner shop')
      .and.to.match(/2\s+1\s+1$/);
    await page.locator('tbody time').click();
    await page.getByText('not signed by the card of the person').waitFor();
    await page.goto(`${gateway().url}/console/en/vendors`);
    await page.getByRole('link', { name: 'Corner shop' }).click();
    await page.getByText('What it earned', { exact: true }).waitFor();
    expect(await page.locator('main p.lead').innerText()).to.equal('Corner shop');
    await page.getByRole('link', { name: 'Prepare the settlement' }).click();
    await page.locator('#statement').waitFor();
    const whom = (await page.locator('main dl').innerText()).replaceAll('\u00a0', ' ');
    expect(whom).to.include('Corner shop').and.to.include('KES 5.00');
    await page.locator('#statement').fill('Statement 3');
    await page.locator('#officer').selectOption(OFFICERS.preparer.officer);
    await page.getByRole('button', { name: 'Prepare the act' }).click();
    await signed(page);
    await shown().open(page, `/console/en/vendors/${shop}`);
    await page.getByText('nothing to settle').waitFor();
  });

  it('says whose card does not pay, and prepares no envelope until that is known', async () => {
    const [place] = aid.places;
    const card = await aid.ask<{ rows: { card: { keyKind: string; keyId: string } }[] }>(
      'GET',
      `${aid.path}/enrolments/1/places?personId=${place?.personId}`,
    );
    const [found] = card.body.rows;
    if (place === undefined || found === undefined) throw new Error('nobody is enrolled');
    const of = { programme: aid.programme, enrolmentEpoch: 1, index: place.index };
    const { keyKind, keyId } = found.card;
    await aid.act(
      '/acts/cards',
      Object.assign(of, { keyKind, keyId, standing: 'suspended', effectiveFrom: 0 }),
    );
    const roll = { root: `0x${'12'.repeat(32)}`, units: '36', people: '4', epoch: '1', value: '250' };
    const page = await officer(`/programmes/${aid.programme}/cycles/2#${new URLSearchParams(roll)}`);
    await page.getByRole('button', { name: 'Look at the cards' }).click();
    await page.getByText('1 card does not pay.').waitFor();
    expect(await page.locator('table', { hasText: 'Cards that do not pay' }).innerText()).to.include(
      'suspended',
    );
    for (const name of ['opensAt', 'spendUntil', 'postUntil'])
      await page.locator(`#${name}`).fill('2030-01-01');
    await page.getByRole('button', { name: 'Prepare the act' }).click();
    await page.getByText('it is not said that you know').waitFor();
  });

  for (const language of LANGUAGES) {
    it(`has no finding of axe, fits 320 pixels and has words for everything, in ${language}`, async () => {
      const roll = { root: `0x${'12'.repeat(32)}`, units: '36', people: '4', epoch: '1', value: '250' };
      const page = await officer('/vendors', language);
      const batch = await aid.ask<{ rows: { itemsHash: string }[] }>('GET', `${aid.cyclePath}/redemptions`);
      const pages = {
        vendors: '/vendors',
        vendor: `/vendors/${shop}`,
        settle: `/orders/settle/${aid.programme}/1/${shop}`,
        step: `/orders/step/${aid.programme}/1`,
        cycle: cyclePlace(),
        redemptions: `${cyclePlace()}/redemptions`,
        batch: `${cyclePlace()}/redemptions/${batch.body.rows[0]?.itemsHash}`,
        walk: `/programmes/${aid.programme}/cycles/2#${new URLSearchParams(roll)}`,
        programme: `/programmes/${aid.programme}`,
      };
      for (const [name, place] of Object.entries(pages)) {
        await shown().open(page, `/console/${language}${place}`);
        if (name === 'walk') {
          await page.locator('form').nth(2).locator('button').click();
          await page.locator('table').nth(1).waitFor();
        }
        await looksRight(page, `cycle-${name}`, language);
      }
    });
  }

  it('gives the browser nothing to complain about', () => {
    expect(shown().complaints.filter((one) => !one.startsWith('Failed to load resource'))).to.deep.equal([]);
  });
});
