/**
 * What is found, in a browser: each record apart, what follows within reach, a form that stays where it is refused; and what a
 * holder finds and agrees to on her own page, by a passkey of her phone.
 */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { readCertificate } from '../../server/domain/audit/certificate.ts';
import { ZERO_32 } from '../../server/domain/base/hex.ts';
import { SIGNING_RELYING_PARTY_POLICY } from '../../server/domain/land/policies.ts';
import { relyingPartyOf } from '../../server/domain/signer/passkeyAnswer.ts';
import { type ActTold, type App, headOf, OFFICERS, preparationBy, startApp } from '../gateway/app.ts';
import { needs } from '../within.ts';
import { CHROMIUM, type InBrowser, LANGUAGES, looksRight, startBrowser } from './inBrowser.ts';
import { plot, type Registry, registerVillage } from './registry.ts';

/** No passkey is made for a bare address. */
const SITE = 'localhost';

describe('what is found in a browser', function () {
  this.timeout(240_000);
  let browser: InBrowser | undefined;
  let app: App | undefined;
  let village: Registry;
  before(async function () {
    needs(this, 'chromium', CHROMIUM !== undefined);
    const site = { name: SIGNING_RELYING_PARTY_POLICY, value: BigInt(relyingPartyOf(SITE)) };
    app = await startApp({ policies: [site], verifiers: ['webauthn'] });
    village = await registerVillage(app);
    browser = await startBrowser(app.url);
  });
  after(async () => {
    await browser?.close();
    await app?.remove();
  });

  async function signedIn(place: string): Promise<Page> {
    if (browser === undefined || app === undefined) throw new Error('nothing was started');
    const page = await browser.newPage();
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

  // ---- A holder's own page ----------------------------------------------------------------------------------

  const hers = () => gateway().url.replace('127.0.0.1', SITE);

  const gateway = (): App => {
    if (app === undefined) throw new Error('the gateway was not started');
    return app;
  };

  /** A phone with a passkey that verifies whoever holds it. */
  async function newPhone(): Promise<Page> {
    if (browser === undefined) throw new Error('no browser was started');
    const page = await browser.newPage();
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    const kind = { protocol: 'ctap2', transport: 'internal', automaticPresenceSimulation: true } as const;
    const user = { hasResidentKey: true, hasUserVerification: true, isUserVerified: true };
    await devtools.send('WebAuthn.addVirtualAuthenticator', { options: Object.assign({}, kind, user) });
    return page;
  }

  async function savedBy(page: Page, button: string): Promise<string> {
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: button }).click(),
    ]);
    return readFileSync(await saved.path(), 'utf8');
  }

  const asFile = (text: string) => ({
    name: 'record.json',
    mimeType: 'application/json',
    buffer: Buffer.from(text),
  });

  /** A parcel of her own, which she holds by the passkey of the phone; answers the record that her page saved. */
  async function holdBy(page: Page, number: string, west: number): Promise<{ unit: string; record: string }> {
    const map = { type: 'FeatureCollection', features: [plot(number, west)] };
    const survey = await gateway().ask<{ recorded: readonly { readonly baUnit: string }[] }>(
      'PUT',
      '/parcels?office=1',
      {
        token: await gateway().token('registrar', 1),
        file: { text: JSON.stringify(map), type: 'application/geo+json' },
      },
    );
    const unit = survey.body.recorded[0]?.baUnit ?? '';
    await page.goto(`${hers()}/mine/en/`);
    await page.getByRole('button', { name: 'Make a passkey for my land' }).click();
    await page.locator('#unit').fill(unit);
    await page.locator('#holding').fill('٢');
    await page.locator('#own').check();
    const record = await savedBy(page, 'Make the passkey and save its record');
    const { keyHash, possession } = JSON.parse(record);
    const party = { name: 'Imani Example', idNumber: 'EX-IMANI' };
    const holder = { numerator: '1', partyKind: 'person', signer: 'own', keyHash, possession, party };
    const right = { kind: 'ownership', standing: 'absolute', tenancy: 'sole', denominator: '1' };
    await gateway().act('registrar', '/acts/registrations', {
      titles: [
        {
          ...{ baUnit: unit, origin: 'legacy', evidence: 'public-document' },
          right: Object.assign({ holders: [holder] }, right),
        },
      ],
    });
    return { unit, record };
  }

  async function sellingOf(baUnit: string): Promise<ActTold> {
    const party = { name: 'Pili Example', idNumber: 'EX-PILI' };
    const buyer = { numerator: '1', partyKind: 'person', signer: 'own', keyHash: ZERO_32, party };
    const right = { baUnit, rightId: 1, tenancy: 'sole', denominator: '1', staying: [], joining: [buyer] };
    const body = Object.assign({ head: headOf(OFFICERS.preparer) }, right);
    const {
      status,
      body: told,
      text,
    } = await gateway().ask<ActTold>('POST', '/acts/transfers', {
      token: await gateway().token('registrar', 1),
      body,
    });
    expect(status, text).to.equal(201);
    const signed = await gateway().ask('POST', `/acts/${told.id}/signatures`, {
      token: await gateway().token('registrar', 1),
      body: preparationBy(OFFICERS.preparer, told),
    });
    expect(signed.status, signed.text).to.equal(201);
    return told;
  }

  async function openTitles(page: Page, record: string, language = 'en'): Promise<void> {
    await page.goto(`${hers()}/mine/${language}/`);
    await page.locator('.land button').first().click();
    await page.locator('#record').setInputFiles(asFile(record));
    await page.locator('form button').click();
    await page.locator('.readings li').first().waitFor();
  }

  it('opens a holder’s titles by her passkey, and takes her consent to what the page read out of the act', async () => {
    const page = await newPhone();
    const { unit, record } = await holdBy(page, 'H/1', 0.09);
    const sale = await sellingOf(unit);
    await openTitles(page, record);
    const text = await page.locator('main').innerText();
    for (const words of ['Parcel H/1', 'The whole', 'Transfer', 'institution 1', 'Imani Example'])
      expect(text).to.include(words);
    // What the act says of others is not here before she asks for it.
    expect(text).not.to.include('Pili Example');
    expect(page.url()).to.equal(`${hers()}/mine/en/`);
    const certificate = readCertificate(await savedBy(page, 'Save the certificate of this title'));
    expect(certificate.baUnit).to.equal(unit);
    await page.getByRole('button', { name: 'Read what I am asked' }).click();
    await page.locator('h4:focus', { hasText: 'What you are asked to agree to' }).waitFor();
    const asked = await page.locator('.sentence').allInnerTexts();
    expect(asked).to.have.length(2);
    expect(asked[1]).to.include('from "Imani Example" to "Pili Example"');
    await page.getByRole('button', { name: 'Agree to exactly this' }).dblclick();
    await page.getByText('1 signature is still missing').waitFor();
    const now = await gateway().ask<ActTold>('GET', `/acts/${sale.id}`, {
      token: await gateway().token('registrar', 1),
    });
    expect(now.body.missing).to.deep.equal(['approver']);
    await page.getByRole('button', { name: 'Close' }).click();
    const kept = await page.evaluate<string>(
      'JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }, document.documentElement.outerHTML])',
    );
    for (const words of ['Imani', 'Pili', unit.slice(2), JSON.parse(record).possession.salt.slice(2)])
      expect(kept).not.to.include(words);
    // Her own look, and the buyer's name that she was shown, stand in the list in words of her language.
    await openTitles(page, record, 'fr');
    const lines = await page.locator('.readings').innerText();
    expect(lines)
      .to.include('Une personne dont un acte demandait le consentement')
      .and.to.include('Vous, avec la clé');
    expect(lines).not.to.match(/registrar|somebody|person herself/);
  });

  it('shows a consent from a file without signing in, and lets nobody agree to an act that says something else', async () => {
    const page = await newPhone();
    const { unit, record } = await holdBy(page, 'H/2', 0.1);
    const sale = await sellingOf(unit);
    const read = async (act: unknown, withRecord: boolean) => {
      await page.goto(`${hers()}/mine/en/`);
      await page.getByRole('button', { name: 'Read a consent' }).click();
      await page.locator('#act').setInputFiles(asFile(JSON.stringify(act)));
      if (withRecord) await page.locator('#record').setInputFiles(asFile(record));
      await page.getByRole('button', { name: 'Read what I am asked' }).click();
    };
    await read(sale, false);
    await page.getByText('from "Imani Example" to "Pili Example"').first().waitFor();
    expect(await page.getByRole('button', { name: 'Agree' }).count()).to.equal(0);
    await page.getByText('Other ways to agree').click();
    await page.getByText('kudurru holder consent').waitFor();
    const bent: unknown = JSON.parse(JSON.stringify(sale).replaceAll('Pili', 'Pola'));
    await read(bent, true);
    await page.getByRole('alert').getByText('is not what it says').waitFor();
    expect(await page.getByRole('button', { name: 'Agree' }).count()).to.equal(0);
    await read(sale, true);
    await page.getByRole('button', { name: 'Agree to exactly this' }).waitFor();
  });

  it('lets nobody agree where the time is over or not known, what counts is closed, or the register is another', async () => {
    const page = await newPhone();
    const { unit, record } = await holdBy(page, 'H/3', 0.105);
    const sale = await sellingOf(unit);
    const closed = JSON.parse(JSON.stringify(sale)) as {
      prepared: { openings: { facts?: { path: string }[] }[] };
    };
    const isOpen = ({ facts = [] }: { facts?: { path: string }[] }) =>
      facts.every(({ path }) => path !== 'parcel/number');
    closed.prepared.openings = closed.prepared.openings.filter(isOpen);
    const isLedger = ({ pathname }: URL) => pathname === '/ledger';
    const cases = [
      [closed, {}, 'the name of who joins or a source is among what is closed'],
      [sale, { date: 'Fri, 31 Dec 2100 00:00:00 GMT' }, 'The time of this act is over'],
      [sale, { date: 'at noon' }, 'The gateway did not say what time it is'],
      [sale, { contracts: [{ contract: 'land', address: `0x${'d0'.repeat(20)}` }] }, 'of another ledger'],
    ] as const;
    for (const [act, { date, contracts }, words] of cases as readonly (readonly [
      unknown,
      { date?: string; contracts?: object },
      string,
    ])[]) {
      await page.unroute(isLedger);
      await page.route(isLedger, async (route) => {
        const answer = await route.fetch();
        const json = Object.assign(await answer.json(), contracts && { contracts });
        await route.fulfill({ json, headers: { date: date ?? answer.headers().date ?? '' } });
      });
      await page.goto(`${hers()}/mine/en/`);
      await page.getByRole('button', { name: 'Read a consent' }).click();
      await page.locator('#act').setInputFiles(asFile(JSON.stringify(act)));
      await page.locator('#record').setInputFiles(asFile(record));
      await page.getByRole('button', { name: 'Read what I am asked' }).click();
      await page.getByText(words).waitFor();
      expect(await page.getByRole('button', { name: 'Agree' }).count(), words).to.equal(0);
    }
  });

  it('shows and saves nothing that was asked for on a screen that she left', async () => {
    const page = await newPhone();
    const { record } = await holdBy(page, 'H/4', 0.092);
    const late: (() => Promise<void>)[] = [];
    const held = async (place: string) => {
      late.length = 0;
      await page.route(
        ({ pathname }) => pathname === place,
        (route) => void late.push(() => route.continue()),
      );
    };
    const letGo = async () => {
      await page.waitForTimeout(200);
      for (const one of late) await one().catch(() => undefined);
      await page.waitForTimeout(700);
      await page.unrouteAll();
    };
    const sent = (place: string) => page.waitForRequest((request) => request.url().endsWith(place));
    await page.goto(`${hers()}/mine/en/`);
    await page.locator('.land button').first().click();
    await page.locator('#record').setInputFiles(asFile(record));
    await held('/own-data/readings');
    await Promise.all([sent('/own-data/readings'), page.locator('form button').click()]);
    await page.getByRole('button', { name: 'Back' }).click();
    await letGo();
    expect(await page.locator('.readings').count(), 'after Back').to.equal(0);

    let saved = 0;
    page.on('download', () => saved++);
    await openTitles(page, record);
    await held('/own-data/certificates');
    const take = page.getByRole('button', { name: 'Save the certificate of this title' });
    await Promise.all([sent('/own-data/certificates'), take.click()]);
    await page.getByRole('button', { name: 'Close' }).click();
    await letGo();
    expect(saved, 'after Close').to.equal(0);

    await openTitles(page, record);
    await page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))");
    expect(await page.locator('.readings').count(), 'what a browser keeps').to.equal(0);
  });

  it('makes no passkey in a machine that is not hers', async () => {
    const page = await newPhone();
    await page.goto(`${hers()}/mine/en/`);
    await page.getByRole('button', { name: 'Make a passkey for my land' }).click();
    await page.locator('#unit').fill(`0x${'ab'.repeat(32)}`);
    await page.locator('#holding').fill('2');
    await page.evaluate(
      'navigator.credentials.create = ({ publicKey }) => { window.asked = publicKey.authenticatorSelection; return Promise.reject(new Error()); }',
    );
    const askedFor = async () => {
      await page.getByRole('button', { name: 'Make the passkey and save its record' }).click();
      await page.getByText('Nothing was signed').waitFor();
      return page.evaluate<string | undefined>('window.asked.authenticatorAttachment');
    };
    expect(await askedFor()).to.equal('cross-platform');
    await page.locator('#own').check();
    await page.evaluate("document.querySelector('.trouble').replaceChildren()");
    expect(await askedFor()).to.equal(undefined);
  });

  it('says of her consent what became of it, and saves no certificate of another title', async () => {
    const page = await newPhone();
    const { unit, record } = await holdBy(page, 'H/5', 0.094);
    await sellingOf(unit);
    await openTitles(page, record);
    await page.route(
      ({ pathname }) => pathname === '/own-data/certificates',
      (route) => route.fulfill({ json: { format: 'kudurru-certificate-1' } }),
    );
    await page.getByRole('button', { name: 'Save the certificate of this title' }).click();
    await page.getByText('The gateway gave the certificate of another title').waitFor();
    await page.getByRole('button', { name: 'Read what I am asked' }).click();
    const agree = page.getByRole('button', { name: 'Agree to exactly this' });
    const answers = [
      [undefined, 'Your consent may have been handed in all the same'],
      [{ status: 409, json: { code: 'part-already-signed' } }, 'This consent was handed in before'],
      [{ status: 429, json: { code: 'reads-waiting' } }, 'Too many ask the gateway at once'],
      [{ status: 201, json: { missing: [] } }, 'the act is being recorded'],
    ] as const;
    for (const [answer, words] of answers) {
      await page.route(
        ({ pathname }) => pathname === '/own-data/consents',
        (route) => (answer === undefined ? route.abort() : route.fulfill(answer)),
      );
      await agree.click();
      await page.getByText(words).waitFor();
    }
  });

  for (const language of LANGUAGES) {
    it(`has no finding of axe on a holder’s page, and fits 320 pixels, in ${language}`, async () => {
      const page = await newPhone();
      const { unit, record } = await holdBy(page, `H/${language}`, 0.11 + LANGUAGES.indexOf(language) / 100);
      await sellingOf(unit);
      await page.goto(`${hers()}/mine/${language}/`);
      for (const place of [0, 1, 2]) {
        await page.locator('.land button').nth(place).click();
        await page.locator('form').waitFor();
        await looksRight(page, `mine-${['titles', 'consent', 'passkey'][place]}`, language);
        await page.locator('main > .buttons button').last().click();
      }
      await openTitles(page, record, language);
      await page.locator('.thing form button').first().click();
      await page.locator('.sentence').first().waitFor();
      await looksRight(page, 'mine-consent-read', language);
    });
  }
});
