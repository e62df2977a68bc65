/** The console as an aid officer uses it, in a browser: programmes and their money, and acts that are prepared for the signer. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { makeCard } from '../../scripts/cardFile.ts';
import { readActFile } from '../../server/domain/signer/actFile.ts';
import { Aid, EPOCH, syntheticPeople } from '../aid/aid.ts';
import { type ActTold, type App, headOf, OFFICERS, startApp } from '../gateway/app.ts';
import { needs } from '../within.ts';
import { CHROMIUM, type InBrowser, LANGUAGES, looksRight, startBrowser } from './inBrowser.ts';

const LABEL = 'Cash for school – مدرسة';

describe('the console of an agency', function () {
  this.timeout(240_000);
  let browser: InBrowser | undefined;
  let app: App | undefined;
  let aid: Aid;

  before(async function () {
    needs(this, 'chromium', CHROMIUM !== undefined);
    app = await startApp();
    aid = new Aid(app, 'school', ['first shop']);
    await aid.define();
    await aid.fund('125000000');
    const token = await app.token('agency', 1);
    await app.ask('PUT', `/labels/${aid.programme}`, { token, body: { label: LABEL } });
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

  /** Signed in as the agency. */
  async function officer(place: string, language = 'en'): Promise<Page> {
    const page = await shown().newPage();
    await shown().signIn(page, await gateway().token('agency', 1), `/console/${language}${place}`);
    return page;
  }

  /** What the act that is shown would have its signer sign. */
  const messageIn = async (page: Page): Promise<Readonly<Record<string, unknown>>> => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Keep the act as a file' }).click(),
    ]);
    return readActFile(readFileSync(await download.path(), 'utf8')).act.message;
  };

  it('shows programmes with their money as the ledger counts it, and one of them with all of its parts', async () => {
    const page = await officer('/programmes');
    await page.getByText('1 programme.').first().waitFor();
    const row = (await page.locator('tbody tr').first().innerText()).replaceAll('\u00a0', ' ');
    expect(row).to.include('running').and.to.include('KES 1,250,000.00');
    await page.getByRole('link', { name: LABEL }).click();
    await page.getByText('The parts make what was funded').waitFor();
    const money = page.locator('table', { hasText: 'what became of it' });
    expect(await money.locator('tbody tr').allInnerTexts()).to.have.length(4);
    await page.reload();
    await page.getByText('There is no cycle yet.').waitFor();
  });

  it('prepares a move of money in the decimals of the currency, and hands it to the signer', async () => {
    const page = await officer(`/orders/fund/${aid.programme}`);
    await page.locator('#move').selectOption('fund');
    await page.locator('#amount').fill('1,234');
    await page.getByRole('button', { name: 'Prepare the act' }).click();
    await page.getByText('can be read as').waitFor();
    await page.locator('#amount').fill('٢٥٠٠٫٥');
    await page.locator('#source').fill('Transfer 7 of the donor');
    await page.getByRole('button', { name: 'Prepare the act' }).click();
    await page.getByText('To the signer, and back').waitFor();
    expect(await page.locator('main').innerText()).to.include('Transfer 7 of the donor');
    expect(`${(await messageIn(page)).amountMinor}`).to.equal('250050');
  });

  it('prepares a pause until the end of a day, and refuses a day that is none', async () => {
    const page = await officer(`/programmes/${aid.programme}`);
    await page.getByRole('link', { name: 'Prepare a pause' }).click();
    await page.locator('#until').fill('2026-02-30');
    await page.getByRole('button', { name: 'Prepare the act' }).click();
    await page.getByText('This is no day of the calendar').waitFor();
    const { headers } = await gateway().ask('GET', '/health/live');
    const until = new Date(Date.parse(headers.get('Date') ?? '') + 7 * 86_400_000).toISOString().slice(0, 10);
    await page.locator('#until').fill(until);
    await page.getByRole('button', { name: 'Prepare the act' }).dblclick();
    await page.getByText('To the signer, and back').waitFor();
    const { pausedUntil } = await messageIn(page);
    expect(new Date(Number(pausedUntil) * 1_000).toISOString()).to.equal(`${until}T23:59:59.000Z`);
  });

  it('prepares a programme, a shop and a till as the commands do, and takes no record of another shop', async () => {
    const page = await officer('/programmes');
    await page.getByRole('link', { name: 'Begin a programme' }).click();
    await page.locator('#currency').fill('kes');
    await page.locator('#most').fill('٥٠');
    await page.locator('#assisted').fill('10');
    await page.locator('#policy').fill('Households of the register of 3 May');
    await page.locator('#office').fill('1');
    await page.getByRole('button', { name: 'Prepare the act' }).click();
    await page.getByText('To the signer, and back').waitFor();
    expect(await page.locator('main').innerText()).to.include('Households of the register of 3 May');
    const programme = await messageIn(page);
    expect([`${programme.currency}`, Number(programme.mostPerRedemptionUnits)]).to.deep.equal(['404', 50]);

    await page.locator('nav').getByRole('link', { name: 'Shops' }).click();
    await page.getByRole('link', { name: 'Begin a shop' }).click();
    await page.locator('#office').fill('1');
    await page.getByRole('button', { name: 'Prepare the act' }).click();
    await page.getByText('To the signer, and back').waitFor();
    const shop = await messageIn(page);
    expect(shop.vendor).to.match(/^0x[0-9a-f]{64}$/);

    const [vendor = ''] = aid.vendors;
    await shown().open(page, `/console/en/begin/till/${vendor}`);
    const record = (of: string) => ({
      name: 'till.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify({ format: 'kudurru-till-1', vendor: of, till: 1, keyId: '0x' })),
    });
    await page.locator('#office').fill('1');
    await page.locator('#record').setInputFiles(record(programme.programme as string));
    await page.getByRole('button', { name: 'Prepare the act' }).click();
    await page.getByText('This record is of another shop').waitFor();
  });

  it('prepares a list of people from what the command of cards wrote, and carries it to the ledger when it is recorded', async () => {
    const { body } = await aid.register(syntheticPeople(12));
    const of = { programme: aid.programme, enrolmentEpoch: EPOCH };
    const people = body.people.map(({ personId }) => {
      const { card, possession } = makeCard(
        gateway().trust(),
        Object.assign({ keyKind: 'p256' as const }, of),
        '482913',
      );
      return { personId, keyKind: 'p256', keyId: card.keyId, possession };
    });
    const page = await officer(`/begin/enrolment/${aid.programme}`);
    // No file that was chosen says whose act it is.
    const head = headOf(OFFICERS.secondApprover);
    const file = Object.assign({ effectiveFrom: 0, people, head, format: 'of somebody' }, of);
    await page.locator('#enrolment').setInputFiles({
      name: 'enrolment.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify(file)),
    });
    await page.locator('#officer').selectOption(OFFICERS.preparer.officer);
    await page.getByRole('button', { name: 'Prepare the act' }).click();
    await page.getByText('To the signer, and back').waitFor();
    expect((await messageIn(page)).head).to.include({ preparer: OFFICERS.preparer.officer });
    const told = await gateway().ask<ActTold>('GET', `/acts/${page.url().split('/').at(-1)}`, {
      token: await gateway().token('agency', 1),
    });
    await gateway().sign('agency', told.body, [OFFICERS.preparer, OFFICERS.approver]);
    await shown().open(page, `/console/en/begin/enrolment/${aid.programme}`);
    await page.locator('#epoch').fill(`${EPOCH}`);
    await page.getByRole('button', { name: 'Carry the list to the ledger' }).click();
    await page.getByText('The ledger has the whole list').waitFor();
  });

  for (const language of LANGUAGES) {
    it(`has no finding of axe, fits 320 pixels and has words for everything, in ${language}`, async () => {
      const page = await officer('/', language);
      await looksRight(page, 'agency-home', language);
      const pages = {
        programmes: '/programmes',
        programme: `/programmes/${aid.programme}`,
        pause: `/orders/pause/${aid.programme}`,
        fund: `/orders/fund/${aid.programme}`,
        begin: '/begin/programme',
        enrolment: `/begin/enrolment/${aid.programme}`,
        till: `/begin/till/${aid.vendors[0]}`,
        standing: `/begin/standing/${aid.vendors[0]}`,
      };
      for (const [name, place] of Object.entries(pages)) {
        await shown().open(page, `/console/${language}${place}`);
        await looksRight(page, `agency-${name}`, language);
      }
    });
  }

  it('gives the browser nothing to complain about', () => {
    expect([...shown().asked]).to.deep.equal([gateway().url]);
    expect(shown().complaints.filter((one) => !one.startsWith('Failed to load resource'))).to.deep.equal([]);
  });
});
