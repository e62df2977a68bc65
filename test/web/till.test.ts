/**
 * The till as a shop uses it, in a browser: made by a link, a sale clicked to its end, the same card twice, a line that is cut,
 * two windows, and nothing that is lost.
 *
 * With `KUDURRU_PICTURES=FOLDER` every screen is kept as a picture in each language and width, for people to look at.
 */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { EPOCH } from '../aid/aid.ts';
import { named } from '../chain/signing.ts';
import { type App, startApp } from '../gateway/app.ts';
import { kudurruBeside } from '../gateway/kudurru.ts';
import { needs } from '../within.ts';
import { CARD_PIN, codeOf, openShop, type Shop, UNITS } from './shop.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
const ROOT = path.resolve(import.meta.dirname, '../..');
const DIST = path.join(ROOT, 'web/dist');
const AXE = readFileSync(path.join(ROOT, 'node_modules/axe-core/axe.min.js'), 'utf8');
const PICTURES = process.env.KUDURRU_PICTURES;
const LANGUAGES = ['en', 'fr', 'ar'] as const;
const WIDTHS = [320, 1280] as const;
const TILL_PIN = '135790';
const PEOPLE = 9;
/** Bytes that a browser is sent of the whole till in one language, packed. */
const TILL_MAX = 55_000;
/** A key of the keypad, and any other button, as large as a wet finger. */
const KEY_PIXELS = 48;

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

describe('the till in a browser', function () {
  this.timeout(240_000);
  let browser: Browser;
  let app: App;
  let shop: Shop;
  /** A device that is till 1, and sells. */
  let device: BrowserContext;
  const complaints: string[] = [];
  const opened: BrowserContext[] = [];

  before(async function () {
    needs(this, 'chromium', CHROMIUM !== undefined);
    app = await startApp();
    shop = await openShop(app, PEOPLE);
    browser = await chromium.launch({
      executablePath: CHROMIUM ?? '',
      args: ['--no-sandbox', '--disable-gpu'],
    });
  });
  after(async () => {
    for (const context of opened) await context.close();
    await browser?.close();
    await app?.remove();
  });

  const at = (place: string) => `${app.url}${place}`;

  async function newDevice(serviceWorkers: 'allow' | 'block' = 'block'): Promise<BrowserContext> {
    const context = await browser.newContext({ acceptDownloads: true, serviceWorkers });
    opened.push(context);
    return context;
  }

  async function newPage(context: BrowserContext): Promise<Page> {
    const page = await context.newPage();
    page.on('console', (said) => said.type() === 'error' && complaints.push(said.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    return page;
  }

  async function enrol(page: Page, till: number, language = 'en'): Promise<void> {
    await page.goto(at(`/till/${language}/${shop.link(till)}`));
    await page.locator('#token').fill(shop.token);
    await page.locator('#pin').fill(TILL_PIN);
    await page.locator('#again').fill(TILL_PIN);
    await page.locator('button[type=submit]').click();
    await page.locator('.keypad').waitFor();
  }

  async function enterPin(page: Page): Promise<void> {
    await page.locator('#pin').fill(TILL_PIN);
    await page.keyboard.press('Enter');
  }

  async function openTill(context = device): Promise<Page> {
    const page = await newPage(context);
    await page.goto(at('/till/en/'));
    await enterPin(page);
    await page.locator('#units').waitFor();
    return page;
  }

  async function downloaded(page: Page, button: string): Promise<string> {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: button }).first().click(),
    ]);
    return readFileSync(await download.path(), 'utf8');
  }

  const present = (page: Page, index: number) =>
    page.locator('#card').fill(codeOf(shop.cards[index] as never));

  /** Amount, card, PIN, with the keyboard; ends where the receipt is. */
  async function ask(page: Page, index: number, units: number): Promise<void> {
    await page.locator('#units').fill(`${units}`);
    await present(page, index);
    await page.locator('#card-pin').waitFor();
  }
  async function pay(page: Page): Promise<void> {
    await page.locator('#card-pin').fill(CARD_PIN);
    await page.keyboard.press('Enter');
  }
  async function sell(page: Page, index: number, units: number): Promise<void> {
    await ask(page, index, units);
    await pay(page);
    await page.getByRole('heading', { name: 'Receipt' }).waitFor();
  }
  const isFinal = (page: Page) => page.locator('.sale .lead', { hasText: 'Final' }).waitFor();
  const said = (page: Page, words: string) =>
    page.getByRole('alert').filter({ hasText: words }).first().waitFor();

  it('is made on the device by a link, shows its key for two officers, and sells when they have signed', async () => {
    device = await newDevice();
    const page = await newPage(device);
    await page.goto(at(`/till${shop.link(1)}`));
    await page.locator('#token').waitFor();
    expect(await page.locator('main').innerText()).to.include(shop.vendor);
    await page.locator('#token').fill(shop.token);
    await page.locator('#pin').fill('1234');
    await page.getByRole('button', { name: 'Make the key' }).click();
    await said(page, 'The PIN is too short');
    await enrol(page, 1);
    expect(new URL(page.url()).hash).to.equal('');
    await page.locator('#pin').fill('135791');
    await page.keyboard.press('Enter');
    await said(page, 'The PIN does not open this');
    await enterPin(page);
    await page.getByRole('heading', { name: 'Waiting for two officers' }).waitFor();
    const record = JSON.parse(await downloaded(page, 'Save the record'));
    expect(await page.locator('.code').innerText()).to.equal(record.keyId);
    await page.getByRole('button', { name: 'Look again' }).click();
    await said(page, 'does not have this till yet');
    await shop.takeUp(record);
    await page.getByRole('button', { name: 'Look again' }).click();
    await page.locator('#units').waitFor();
    await page.close();
  });

  it('keeps no token and no seed that a script could read, and a secret of the device that none can take out', async () => {
    const page = await openTill();
    const [text, isExtractable] = await page.evaluate<readonly [string, boolean]>(
      `new Promise((resolve) => {
        const opening = indexedDB.open('kudurru-till');
        opening.onsuccess = () => {
          const getting = opening.result.transaction('kept').objectStore('kept').get('till');
          getting.onsuccess = () => {
            const { box } = getting.result;
            const bytes = String.fromCharCode(...box.ciphertext);
            resolve([JSON.stringify(getting.result) + bytes + JSON.stringify({ ...localStorage }), box.device.extractable]);
          };
        };
      })`,
    );
    expect(text).not.to.include(shop.token).and.not.to.include('seed');
    expect(isExtractable).to.equal(false);
    expect(await device.cookies()).to.deep.equal([]);
    await page.close();
  });

  it('sells from the keypad in four taps besides digits, and shows each state until the sale is final', async () => {
    const page = await openTill();
    const tap = (name: string) => page.getByRole('button', { name, exact: true }).click();
    await tap('5');
    // a scanner types, wherever the focus is
    await page.keyboard.type('{');
    expect(await page.evaluate('document.activeElement.id')).to.equal('card');
    await page.keyboard.insertText(codeOf(shop.cards[0] as never).slice(1));
    await page.locator('#card-pin').waitFor();
    const shown = await page.locator('.sale').innerText();
    for (const words of ['Pays 5 units', 'KES 1.25', 'On the card now: 20. Afterwards: 15.'])
      expect(shown).to.include(words);
    for (const digit of CARD_PIN) await tap(digit);
    await tap('Pay 5 units');
    await isFinal(page);
    expect(await shop.remaining(0)).to.equal(UNITS - 5);
    const figures = await page.locator('.figures').innerText();
    expect(figures.replace(/\s+/g, ' ')).to.match(/risk 0 units .*shop 0 units Final 5 units/);
    await tap('Next sale');
    expect(await page.evaluate('document.activeElement.id')).to.equal('units');
    await page.close();
  });

  it('sells no more than is left when the same card comes again, and says that all is spent', async () => {
    const page = await openTill();
    await page.locator('#units').fill('21');
    await present(page, 1);
    await said(page, 'more than remains on the card');
    await page.locator('#units').fill('20');
    await present(page, 1);
    await page.locator('#card-pin').waitFor();
    await pay(page);
    await isFinal(page);
    await page.getByRole('button', { name: 'Next sale' }).click();
    await page.locator('#units').fill('1');
    await present(page, 1);
    await said(page, 'Everything on this card is spent');
    expect(await shop.remaining(1)).to.equal(0);
    await page.close();
  });

  it('asks again for a sale that was accepted and whose answer was lost, through a reload, and doubles nothing', async () => {
    const page = await openTill();
    const before = await shop.batches();
    let isTaken = false;
    await page.route(
      ({ pathname }) => pathname.startsWith('/redemptions'),
      async (route) => {
        const isPost = route.request().method() === 'POST';
        if (!isPost && !isTaken) return route.continue();
        if (isPost) isTaken = (await route.fetch()).ok();
        await route.abort();
      },
    );
    await sell(page, 2, 3);
    await page.locator('.sale .lead', { hasText: 'Sent' }).waitFor();
    await page.locator('.figures', { hasText: 'risk' }).getByText('3 units').first().waitFor();
    while (!isTaken) await page.waitForTimeout(100);
    await page.unrouteAll();
    await page.reload();
    await enterPin(page);
    await page.locator('.sales li', { hasText: '3 units' }).getByText('Final').first().waitFor();
    expect([await shop.remaining(2), await shop.batches()]).to.deep.equal([UNITS - 3, before + 1]);
    await page.close();
  });

  it('sells the state of a card in one of two windows, and tells the other', async () => {
    const [first, second] = [await openTill(), await openTill()];
    await ask(first, 3, 4);
    await ask(second, 3, 4);
    await pay(first);
    await isFinal(first);
    await pay(second);
    await said(second, 'used elsewhere meanwhile');
    expect(await shop.remaining(3)).to.equal(UNITS - 4);
    expect(await second.locator('.sales li').count()).to.equal(await first.locator('.sales li').count());
    await first.close();
    await second.close();
  });

  it('says apart why a card is not taken: its PIN, another programme or ledger, suspended, and a shop that may not sell', async () => {
    const page = await openTill();
    const card = shop.cards[4];
    if (card === undefined) throw new Error('no card');
    const refused = async (other: object, words: string) => {
      await page.locator('#units').fill('1');
      await page.locator('#card').fill(JSON.stringify({ ...JSON.parse(codeOf(card)), ...other }));
      await said(page, words);
    };
    await refused({ programme: named('another') }, 'of another programme');
    await refused({ genesisHash: named('another') }, 'of another ledger');
    await refused({ cardEpoch: 2 }, 'A newer card has replaced');
    await refused({ index: null }, 'no place in its programme');
    await refused({ sealed: '0x00' }, 'no whole card');
    await ask(page, 4, 1);
    await page.locator('#card-pin').fill('000000');
    await page.keyboard.press('Enter');
    await said(page, 'The PIN does not open this');
    await page.getByRole('button', { name: 'Cancel' }).click();
    const { keyKind, keyId } = card;
    const of = { programme: shop.aid.programme, enrolmentEpoch: EPOCH, index: 4, keyKind, keyId };
    await shop.aid.act('/acts/cards', { ...of, standing: 'suspended', effectiveFrom: 0 });
    await refused({}, 'This card is suspended');
    await shop.aid.act('/acts/vendors', { vendor: shop.vendor, standing: 'suspended', from: 0 });
    await page.locator('#units').fill('1');
    await present(page, 5);
    await said(page, 'This shop or till may not sell');
    await shop.aid.act('/acts/vendors', { vendor: shop.vendor, standing: 'active', from: 0 });
    await page.close();
  });

  it('is not cleared while a sale waits, and gives a file that the command posts without the key', async () => {
    const page = await openTill();
    await page.route(
      ({ pathname }) => pathname.startsWith('/redemptions'),
      (route) => route.abort(),
    );
    await sell(page, 6, 2);
    await page.getByText('This till', { exact: true }).click();
    await page.getByRole('button', { name: 'Remove the till' }).click();
    await said(page, '1 sale is not over yet');
    const inFolder = (name: string, text: string) => writeFileSync(path.join(app.folder, name), text);
    inFolder('sales.json', await downloaded(page, 'Save the sales'));
    inFolder('till.json', await downloaded(page, 'Save the record'));
    inFolder('shop.token', shop.token);
    await page.goto('about:blank');
    const args = ['till', 'post', '--from', 'sales.json', '--till', 'till.json', '--queue', 'taken'];
    const more = ['--trust', 'data/trust.json', '--token', 'shop.token', '--gateway', app.url, '--json'];
    const ran = await kudurruBeside([...args, ...more], {}, app.folder);
    expect(ran.code, ran.stdout + ran.stderr).to.equal(0);
    expect(JSON.parse(ran.stdout)).to.include({ redeemed: 1, waiting: 0 });
    expect(
      (await kudurruBeside([...args, ...more], {}, app.folder)).code,
      'a folder that has a queue',
    ).to.equal(2);
    await page.unrouteAll();
    await page.goto(at('/till/en/'));
    await enterPin(page);
    await page.locator('.sales li').first().getByText('Final').waitFor();
    expect(await shop.remaining(6)).to.equal(UNITS - 2);
    await page.close();
  });

  it('keeps what the gateway does not take for its token, says so, and sends it when it does', async () => {
    const page = await openTill();
    await page.route(
      ({ pathname }) => pathname.startsWith('/redemptions'),
      (route) => route.fulfill({ status: 401, json: { code: 'token-required' } }),
    );
    await sell(page, 0, 1);
    await page.locator('.outbox').getByText('does not take the token').waitFor();
    expect(await page.locator('.sales li').first().innerText()).to.include('Sent');
    await page.unrouteAll();
    await page.getByRole('button', { name: 'Send now' }).click();
    await isFinal(page);
    await page.close();
  });

  it('opens without a line, begins no sale then, and keeps what is there', async () => {
    const context = await newDevice('allow');
    const page = await newPage(context);
    await enrol(page, 2);
    await enterPin(page);
    await page.getByRole('heading', { name: 'Waiting for two officers' }).waitFor();
    await shop.takeUp(JSON.parse(await downloaded(page, 'Save the record')));
    await page.evaluate('navigator.serviceWorker.ready');
    await page.reload();
    await context.setOffline(true);
    await page.reload();
    await enterPin(page);
    await page.getByText('No line').waitFor();
    await page.locator('#units').fill('1');
    await present(page, 7);
    await said(page, 'The gateway did not answer');
    expect(await page.locator('.sales li').count()).to.equal(0);
    await context.setOffline(false);
    await present(page, 7);
    await page.locator('#card-pin').waitFor();
    await context.setOffline(true);
    await pay(page);
    await page.locator('.sale .lead', { hasText: 'Kept here' }).waitFor();
    await page.reload();
    await enterPin(page);
    await page.locator('.sales li').getByText('Kept here').waitFor();
    const { batches } = JSON.parse(await downloaded(page, 'Save the sales'));
    expect(batches, 'signed for a file, though nobody says the time').to.have.length(1);
    await context.setOffline(false);
    await page.getByRole('button', { name: 'Send now' }).click();
    await page.locator('.sales li').getByText('Final').waitFor();
    await page.getByText('This till', { exact: true }).click();
    await page.getByRole('button', { name: 'Remove the till' }).click();
    await page.getByRole('heading', { name: 'This device is no till yet' }).waitFor();
    await context.close();
  });

  it('locks itself when nobody touches it, and says the shop by the name that its agency gave it', async () => {
    const token = await app.token('agency', 1);
    const label = { body: { label: 'Shop at the well' }, token };
    expect((await app.ask('PUT', `/labels/${shop.vendor}`, label)).status).to.be.lessThan(300);
    const page = await newPage(device);
    await page.clock.install();
    await page.goto(at('/till/en/'));
    await enterPin(page);
    await page.locator('#units').waitFor();
    await page.clock.fastForward('04:00');
    await page.locator('#units').press('1');
    await page.clock.fastForward('04:00');
    await page.locator('#units').waitFor();
    await page.clock.fastForward('02:00');
    await page.getByRole('status').filter({ hasText: 'so it is locked' }).waitFor();
    expect(await page.locator('#units').count()).to.equal(0);
    const account = page.waitForResponse('**/account?*');
    await enterPin(page);
    await page.locator('#units').waitFor();
    await account;
    await ask(page, 7, 1);
    await page.locator('.sale .hint', { hasText: 'Shop at the well' }).waitFor();
    await page.close();
  });

  it('is made once: another window that was making one finds the till that is there', async () => {
    const context = await newDevice();
    const [first, second] = [await newPage(context), await newPage(context)];
    await second.goto(at(`/till/en/${shop.link(8)}`));
    await second.locator('#token').fill(shop.token);
    await second.locator('#pin').fill('246802');
    await second.locator('#again').fill('246802');
    await enrol(first, 9);
    await second.getByRole('button', { name: 'Make the key' }).click();
    await second.getByRole('heading', { name: 'Open the till' }).waitFor();
    await enterPin(second);
    await second.getByRole('heading', { name: 'Waiting for two officers' }).waitFor();
    expect(JSON.parse(await downloaded(second, 'Save the record'))).to.include({ till: 9 });
    await context.close();
  });

  /** Her own page, with a card; answers it when her record is open. */
  async function openMine(index: number, language = 'en', context?: BrowserContext): Promise<Page> {
    const page = await newPage(context ?? (await newDevice()));
    await page.clock.install();
    await page.goto(at(`/mine/${language}/`));
    await page.locator('#card').fill(codeOf(shop.cards[index] as never));
    return page;
  }
  const openRecord = async (page: Page) => {
    await page.locator('#card-pin').fill(CARD_PIN);
    await page.keyboard.press('Enter');
    await page.locator('.readings li').first().waitFor();
  };

  it('opens her own record to the holder of a card, by its PIN and no token, until nobody touches the page', async () => {
    const context = await newDevice();
    const page = await openMine(2, 'en', context);
    const signedIn: string[] = [];
    page.on('request', (sent) => {
      const { authorization, cookie } = sent.headers();
      if (authorization !== undefined || cookie !== undefined) signedIn.push(sent.url());
      expect(sent.postData() ?? '').not.to.include(CARD_PIN);
    });
    await page.locator('#card-pin').fill('000000');
    await page.keyboard.press('Enter');
    await said(page, 'This PIN does not open the card');
    expect(await page.locator('#card').inputValue(), 'a card that is left for who comes next').to.equal('');
    await openRecord(page);
    const shown = await page.locator('main').innerText();
    for (const words of [
      ...['Shop at the well', '3 units', `${UNITS - 3} units`, 'no line is missing', 'Synthetic Person'],
      'You, or somebody acting for you, read your own data',
    ]) {
      expect(shown).to.include(words);
    }
    expect(signedIn).to.deep.equal([]);
    await page.clock.fastForward('02:30');
    await page.getByRole('status').filter({ hasText: 'two minutes' }).waitFor();
    expect(await page.locator('main').innerText()).not.to.include('Synthetic Person');
    // A gateway that leaves a line out is found out on her device.
    await context.route('**/own-data/readings', async (route) => {
      const answer = await route.fetch();
      const told = (await answer.json()) as { access: { lines: unknown[] } };
      told.access.lines.splice(1, 1);
      await route.fulfill({ response: answer, json: told });
    });
    await page.locator('#card').fill(codeOf(shop.cards[2] as never));
    await openRecord(page);
    await page.locator('.warn', { hasText: 'does not hold together' }).waitFor();
    await context.close();
    // And one that is typed in and left.
    const left = await openMine(2);
    await left.clock.fastForward('02:30');
    await left.locator('#card').waitFor();
    expect(await left.locator('#card').inputValue()).to.equal('');
  });

  it('takes and shows the digits of the reader', async () => {
    const page = await newPage(device);
    await page.goto(at('/till/ar/'));
    await page.locator('#digits').selectOption('arab');
    await page.locator('#pin').waitFor();
    await page.locator('#pin').fill('١٣٥٧٩٠');
    await page.keyboard.press('Enter');
    await page.locator('#units').fill('٢');
    await present(page, 8);
    await page.locator('#card-pin').waitFor();
    expect(await page.locator('.sale').innerText())
      .to.include('٢٠')
      .and.include('١٨');
    await page.locator('#card-pin').fill('٤٨٢٩١٣');
    await page.keyboard.press('Enter');
    await page.locator('.sale .lead', { hasText: 'نهائي' }).waitFor();
    await page.evaluate('localStorage.clear()');
    await page.close();
    expect(await shop.remaining(8)).to.equal(UNITS - 2);
  });

  for (const language of LANGUAGES) {
    it(`has no finding of axe, fits 320 pixels and is large enough for a finger, in ${language}`, async () => {
      const stranger = await newPage(await newDevice());
      await stranger.goto(at(`/till/${language}/`));
      await looksRight(stranger, 'none', language);
      await stranger.goto(at(`/till/${language}/${shop.link(9)}`));
      await stranger.locator('#token').waitFor();
      await looksRight(stranger, 'enrol', language);
      await enrol(stranger, 9, language);
      await enterPin(stranger);
      await stranger.locator('.code').waitFor();
      await looksRight(stranger, 'waiting', language);
      const page = await newPage(device);
      await page.goto(at(`/till/${language}/`));
      await page.locator('#pin').waitFor();
      await looksRight(page, 'locked', language);
      await enterPin(page);
      await page.locator('.sales li').first().waitFor();
      await looksRight(page, 'sale', language);
      await page.locator('#units').fill('1');
      await present(page, 5);
      await page.locator('#card-pin').waitFor();
      await looksRight(page, 'pay', language);
      await pay(page);
      await page.locator('.sale .lead.good').waitFor();
      await looksRight(page, 'receipt', language);
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await findingsOf(page), 'dark').to.deep.equal([]);
      await page.close();
      const hers = await openMine(0, language);
      await looksRight(hers, 'mine', language);
      await openRecord(hers);
      await looksRight(hers, 'mine-open', language);
      await hers.close();
    });
  }

  async function findingsOf(page: Page): Promise<readonly string[]> {
    await page.evaluate(AXE);
    const found = await page.evaluate<readonly Finding[]>(
      `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(({ violations }) => violations)`,
    );
    return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
  }

  async function looksRight(page: Page, name: string, language: string): Promise<void> {
    expect(
      await page.evaluate('[document.documentElement.lang, document.documentElement.dir]'),
    ).to.deep.equal([language, language === 'ar' ? 'rtl' : 'ltr']);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: width === 320 ? 640 : 900 });
      const wider = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
      expect(wider, `${name} at ${width}`).to.be.at.most(0);
      const tooSmall = await page.evaluate<readonly string[]>(
        `[...document.querySelectorAll('main button')]
          .filter((one) => { const { width, height } = one.getBoundingClientRect(); return height > 0 && (width < ${KEY_PIXELS} || height < ${KEY_PIXELS}); })
          .map((one) => one.outerHTML.slice(0, 80))`,
      );
      expect(tooSmall, `buttons of ${name} at ${width}`).to.deep.equal([]);
      if (PICTURES === undefined) continue;
      mkdirSync(PICTURES, { recursive: true });
      await page.screenshot({
        path: path.join(PICTURES, `till-${name}-${language}-${width}.png`),
        fullPage: true,
      });
    }
    expect(await findingsOf(page), `${name} in ${language}`).to.deep.equal([]);
  }

  it('is small enough for a bad network, and allows no script but its own', async () => {
    const { till } = JSON.parse(readFileSync(path.join(DIST, 'manifest.json'), 'utf8'));
    const sizeOf = (name: string) => statSync(path.join(DIST, `${name}.gz`)).size;
    for (const language of LANGUAGES) {
      const sent = [till.script, till.style, till.words[language], 'till-worker.js'];
      expect(
        sent.reduce((sum, name) => sum + sizeOf(name), 0),
        language,
      ).to.be.at.most(TILL_MAX);
    }
    for (const place of ['/till/en/', '/till/worker.js', '/till/ar/app.webmanifest']) {
      const { status, headers } = await app.ask<string>('GET', place);
      expect(status, place).to.equal(200);
      const policy = headers.get('Content-Security-Policy') ?? '';
      expect(policy).to.include("default-src 'none'").and.to.include("script-src 'self'");
      expect(policy).not.to.include('unsafe');
    }
    // A line that is cut, and an answer of 404, are written to the console by the browser itself.
    expect(complaints.filter((one) => !one.startsWith('Failed to load resource'))).to.deep.equal([]);
  });
});
