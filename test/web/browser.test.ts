/** The console as a registrar and an auditor use it, in a browser: with the keyboard, in three languages, on a small phone. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { readCertificate } from '../../server/domain/audit/certificate.ts';
import { type ActTold, type App, approvalBy, OFFICERS, preparationBy, startApp } from '../gateway/app.ts';
import { carriedOut, proposed, standing, voted } from '../gateway/members.ts';
import { needs } from '../within.ts';
import { CHROMIUM, findingsOf, type InBrowser, LANGUAGES, looksRight, startBrowser } from './inBrowser.ts';
import { HOLDERS, MARKUP, type Registry, registerVillage } from './registry.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const DIST = path.join(ROOT, 'web/dist');
const CASE = 'CASE-7';
/** Bytes that a browser is sent, packed. */
const SHELL_MAX = 200_000;
const LAZY_MAX = 45_000;
/** With what measures the ground that a holder is asked about, fetched when she is. */
const GROUND_MAX = 100_000;
const VERIFIER_MAX = 60_000;

describe('the console in a browser', function () {
  this.timeout(240_000);
  let browser: InBrowser | undefined;
  let app: App | undefined;
  let village: Registry;

  before(async function () {
    needs(this, 'chromium', CHROMIUM !== undefined);
    app = await startApp();
    village = await registerVillage(app);
    browser = await startBrowser(app.url);
  });
  after(async () => {
    await browser?.close();
    await app?.remove();
  });

  const gateway = (): App => {
    if (app === undefined) throw new Error('the gateway was not started');
    return app;
  };

  const shown = (): InBrowser => {
    if (browser === undefined) throw new Error('no browser was started');
    return browser;
  };
  const newPage = () => shown().newPage();
  const signIn = (page: Page, token: string, place?: string) => shown().signIn(page, token, place);
  const open = (page: Page, place: string) => shown().open(page, place);

  const at = (place: string) => `${gateway().url}${place}`;

  const registrar = (institution: number, name = 'first') => gateway().token('registrar', institution, name);

  it('is told a token once, holds the session in a cookie no script reads, and ends it everywhere', async () => {
    const page = await newPage();
    const token = await registrar(1);
    await signIn(page, token);
    const [cookie, ...others] = await page.context().cookies();
    expect(others).to.deep.equal([]);
    expect(cookie).to.include({ httpOnly: true, secure: true, sameSite: 'Strict', path: '/' });
    expect(cookie?.name).to.match(/^__Host-/);
    const kept = await page.evaluate<string>(
      'JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }, document.documentElement.outerHTML])',
    );
    expect(kept).not.to.include(token);
    const other = await newPage();
    await signIn(other, token);
    await page.getByRole('button', { name: 'Sign out everywhere' }).click();
    await page.locator('#token').waitFor();
    await other.reload();
    await other.locator('#token').waitFor();
  });

  it('says whose session it is, and does nothing for a page of somebody else', async () => {
    const page = await newPage();
    const tokenOf = (label: string) => gateway().token('registrar', 1, label, { label });
    const [mine, other] = [await tokenOf('Desk of Mara'), await tokenOf('مكتب علي')];
    await signIn(page, mine, `/console/en/prepare/transfer/${village.sold}/1`);
    const line = page.locator('.who');
    expect(await line.innerText()).to.equal('Signed in: Desk of Mara institution 1 every office registrar');
    await page.locator('#name').fill('Imani Example');
    // Somebody else signs in beside it, in a window of the same browser.
    const beside = await page.context().newPage();
    await beside.goto(at('/console/en/'));
    await beside.getByRole('button', { name: 'Sign out everywhere' }).click();
    await beside.locator('#token').fill(other);
    await beside.keyboard.press('Enter');
    await beside.getByText('Your work').waitFor();
    await page.getByRole('button', { name: 'Prepare the act' }).click();
    await page.getByText('Somebody else has signed in').waitFor();
    expect(await page.locator('#name').inputValue()).to.equal('Imani Example');
    await page.getByRole('link', { name: 'Find a title' }).click();
    await page.locator('main > .warn', { hasText: 'Somebody else has signed in' }).waitFor();
    expect(await line.innerText())
      .to.include('مكتب علي')
      .and.not.to.include('Mara');
  });

  it('refuses a session that another site sends along, and one that was made up', async () => {
    const page = await newPage();
    await signIn(page, await registrar(1));
    const [cookie] = await page.context().cookies();
    const header = `${cookie?.name}=${cookie?.value}`;
    const told = async (headers: Readonly<Record<string, string>>) => {
      const { status, body } = await gateway().ask('GET', '/titles', { headers });
      return [status, body.code];
    };
    expect(await told({ Cookie: header, 'Sec-Fetch-Site': 'same-origin' })).to.deep.equal([200, undefined]);
    for (const site of ['cross-site', 'same-site', 'none'])
      expect(await told({ Cookie: header, 'Sec-Fetch-Site': site }), site).to.deep.equal([
        403,
        'request-from-elsewhere',
      ]);
    expect(await told({ Cookie: header })).to.deep.equal([403, 'request-from-elsewhere']);
    const madeUp = `${cookie?.name}=${'A'.repeat(43)}`;
    expect(await told({ Cookie: madeUp, 'Sec-Fetch-Site': 'same-origin' })).to.deep.equal([
      401,
      'token-required',
    ]);
  });

  it('finds a title by its number in any digits, and shows who holds it, what lies on it and what happened', async () => {
    const page = await newPage();
    await signIn(page, await registrar(1), '/console/en/find');
    await page.locator('#office').fill('١');
    await page.locator('#sought').fill('A/1');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'A/1' }).click();
    await page.getByText('Parcel A/1').waitFor();
    const text = await page.locator('main').innerText();
    for (const words of [
      'The 3 shares make the whole.',
      'Mortgage',
      'Caution',
      'Transfer',
      'First registration',
    ])
      expect(text).to.include(words);
    // no name without a case
    for (const name of HOLDERS) expect(text).not.to.include(name);
    await page.locator('#names-case').fill(CASE);
    await page.getByRole('button', { name: 'Show the names' }).click();
    await page.getByText(HOLDERS[1]).waitFor();
    const named = await page.locator('main').innerText();
    for (const name of HOLDERS) expect(named).to.include(name);
    expect(await page.locator('bdi', { hasText: HOLDERS[1] }).count()).to.be.greaterThan(0);
  });

  it('takes from the gateway what is over, which knows the halts, and from no clock', async () => {
    const page = await newPage();
    const token = await registrar(1);
    const place = `/titles/${village.held}`;
    const { body } = await gateway().ask<{
      state: { notices: { expiresOn: string; restrictionId: number }[] };
    }>('GET', place, { token });
    const [caution] = body.state.notices;
    if (caution === undefined) throw new Error('there is no caution');
    caution.expiresOn = '1000000000';
    let restrictions: readonly number[] = [];
    await page.route(
      ({ pathname }) => pathname === place,
      (route) => route.fulfill({ json: Object.assign(body, { lapsed: { rights: [], restrictions } }) }),
    );
    await signIn(page, token, `/console/en${place}`);
    await page.getByText('9 September 2001').waitFor();
    expect(await page.locator('.thing .warn').count()).to.equal(0);
    restrictions = [caution.restrictionId];
    await page.reload();
    await page.locator('.thing .warn', { hasText: 'lapsed' }).waitFor();
  });

  it('takes names off the screen when the session ends: unused, in another window, and with the page', async () => {
    const page = await newPage();
    const token = await registrar(1, 'ending');
    await page.clock.install();
    const showNames = async () => {
      await page.locator('#names-case').fill(CASE);
      await page.getByRole('button', { name: 'Show the names' }).click();
      await page.getByText(HOLDERS[1]).waitFor();
    };
    const areGone = async () => {
      await page.getByText('The session has ended').waitFor();
      const text = await page.locator('main').innerText();
      for (const name of HOLDERS) expect(text).not.to.include(name);
      expect(await page.locator('#names-case').inputValue()).to.equal(CASE);
    };
    await signIn(page, token, `/console/en/titles/${village.held}`);
    await showNames();
    await page.clock.fastForward('29:00');
    expect(await page.getByText(HOLDERS[1]).count()).to.equal(1);
    await page.clock.fastForward('02:00');
    await areGone();
    await page.reload();
    await showNames();
    const beside = await page.context().newPage();
    await beside.goto(at('/console/en/'));
    await beside.getByRole('button', { name: 'Sign out everywhere' }).click();
    await areGone();
    await signIn(page, token, `/console/en/titles/${village.held}`);
    await showNames();
    await page.evaluate('dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }))');
    await areGone();
  });

  it('says whatever goes wrong: a part that does not arrive, signing out without a line, words that are missing', async () => {
    const page = await newPage();
    await signIn(page, await registrar(1, 'trouble'));
    await page.route(/\/find-\w+\.js$/, (route) => route.abort());
    await page.getByRole('link', { name: 'Find a title' }).first().click();
    await page.getByText('This page failed').waitFor();
    await page.route(
      ({ pathname }) => pathname === '/sessions',
      (route) => (route.request().method() === 'DELETE' ? route.abort() : route.continue()),
    );
    await page.getByRole('button', { name: 'Sign out everywhere' }).click();
    await page.getByRole('alert').getByText('The gateway did not answer').waitFor();
    await page.unrouteAll();
    await open(page, `/console/en/prepare/discharge/${village.held}/5`);
    await page.route(
      ({ pathname }) => pathname === '/health/live',
      (route) => route.abort(),
    );
    await page.getByRole('button', { name: 'Prepare the act' }).click();
    await page.getByRole('alert').getByText('The gateway did not answer').waitFor();
    const wordless = await (await newPage()).context().newPage();
    await wordless.route(/\/en-\w+\.json$/, (route) => route.abort());
    await wordless.goto(at('/console/en/'));
    await wordless.getByText('This page could not be opened').waitFor();
  });

  it('asks back where a number has two readings, and sends nothing', async () => {
    const page = await newPage();
    await signIn(page, await registrar(1), '/console/en/find');
    await page.locator('#office').fill('1,234');
    await page.locator('#sought').fill('A/1');
    await page.keyboard.press('Enter');
    const trouble = page.locator('main').getByRole('alert').first();
    await trouble.getByText('1234').waitFor();
    expect(await trouble.innerText()).to.include('1.234');
    expect(await page.evaluate('document.activeElement.getAttribute("role")')).to.equal('alert');
    expect(new URL(page.url()).hash).to.equal('');
  });

  it('finds a person for a purpose and a case, and never in the address', async () => {
    const page = await newPage();
    await signIn(page, await registrar(1), '/console/en/find');
    await page.locator('#person').fill('Wanjiku');
    await page.locator('#case').fill(CASE);
    await page.keyboard.press('Enter');
    // what it is for is said by whoever asks, and never by the page
    await page.getByText('The purpose is missing').waitFor();
    await page.locator('#purpose').selectOption('registration');
    await page.locator('#case').press('Enter');
    await page.getByText('1 person found.').first().waitFor();
    await page.getByText(HOLDERS[0]).waitFor();
    expect(page.url()).not.to.include('Wanjiku');
    await page.getByRole('link', { name: 'Parcel A/1' }).click();
    await page.getByText('The 3 shares make the whole.').waitFor();
  });

  it('gives a certificate that holds byte for byte', async () => {
    const page = await newPage();
    await signIn(page, await registrar(1), `/console/en/titles/${village.held}`);
    await page.locator('#certificate-case').fill(CASE);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Issue the certificate' }).click(),
    ]);
    const text = readFileSync(await download.path(), 'utf8');
    expect(readCertificate(text).baUnit).to.equal(village.held);
  });

  it('hands an act to the signer and takes the signatures back, until the ledger has it', async () => {
    const preparing = await newPage();
    const { sale } = village;
    await signIn(preparing, await registrar(1), '/console/en/inbox');
    await preparing.getByRole('link', { name: 'Transfer' }).click();
    await preparing.getByText('Moves the whole of parcel "A/2"').waitFor();
    // each in an order of its own, so that no name moves a share; last, for whom the key signs then
    expect(await preparing.locator('.sentence bdi').allInnerTexts()).to.deep.equal([
      ...['"A/2"', '"Noor Example"', '"Pili Example"', '"Pili Example"'],
    ]);
    const [download] = await Promise.all([
      preparing.waitForEvent('download'),
      preparing.getByRole('button', { name: 'Keep the act as a file' }).click(),
    ]);
    // What the independent signer is handed is the act as it was prepared.
    const kept = JSON.parse(readFileSync(await download.path(), 'utf8')) as ActTold;
    expect(kept.id).to.equal(sale.id);
    await handIn(preparing, preparationBy(OFFICERS.preparer, kept));
    await preparing.getByText('1 more is needed').waitFor();
    const approving = await newPage();
    await signIn(approving, await registrar(2), `/console/en/acts/${sale.id}`);
    expect(await approving.locator('.sentence').innerText()).not.to.include('Pili Example');
    await approving.locator('#purpose').selectOption('registration');
    await approving.getByRole('button', { name: 'Open it' }).click();
    await approving.locator('.sentence', { hasText: 'to "Pili Example"' }).waitFor();
    await handIn(approving, approvalBy(OFFICERS.secondApprover, kept));
    await approving.getByText('Recorded on the ledger, and final.').waitFor();
    await open(approving, '/console/en/inbox');
    await approving.getByText('Nothing waits for you.').waitFor();
  });

  it('says how the signer learns where a register is that no trust file lists', async () => {
    const token = await gateway().token('member', 1);
    const { officer, epoch } = OFFICERS.preparer;
    const until = Math.floor(Date.now() / 1000) + 3_600;
    const told = await gateway().ask<ActTold>('POST', '/acts/short-pauses', {
      ...{ token, body: { officer, epoch, scopes: ['settlement'], until } },
    });
    expect(told.status, told.text).to.equal(201);
    const page = await newPage();
    await signIn(page, token, `/console/en/acts/${told.body.id}`);
    await page.getByText('No trust file lists this register').waitFor();
    await page.getByText('kudurru audit --rpc URL --trust trust.json --json > registers.json').waitFor();
    await page.getByText(/officer sign .* --registers registers\.json --out/).waitFor();
  });

  async function handIn(page: Page, signature: object): Promise<void> {
    const buffer = Buffer.from(JSON.stringify(signature));
    await page
      .locator('#signature')
      .setInputFiles({ name: 'signed.json', mimeType: 'application/json', buffer });
    await page.getByRole('button', { name: 'Hand in the signature' }).click();
  }

  it('prepares a sale once, however often the button is pressed, and shows what is to be signed', async () => {
    const page = await newPage();
    const token = await registrar(1);
    const waiting = async () =>
      (await gateway().ask<{ total: number }>('GET', '/acts', { token })).body.total;
    const before = await waiting();
    await signIn(page, token, `/console/en/titles/${village.sold}`);
    await page.getByRole('link', { name: 'Prepare a sale' }).click();
    await page.locator('#name').fill('Zola Example');
    await page.locator('#document').fill('Deed 12 of 2026');
    await page.getByRole('button', { name: 'Prepare the act' }).dblclick();
    await page.getByText('to "Zola Example"').first().waitFor();
    expect(await page.locator('main').innerText()).to.include('Deed 12 of 2026');
    expect(await waiting()).to.equal(before + 1);
  });

  it('loses nothing that was typed when the session ends, and goes on after signing in beside it', async () => {
    const page = await newPage();
    const token = await registrar(1, 'third');
    await signIn(page, token, `/console/en/prepare/transfer/${village.sold}/1`);
    await page.locator('#name').fill('Imani Example');
    await gateway().ask('DELETE', '/sessions', { token });
    await page.getByRole('button', { name: 'Prepare the act' }).click();
    await page.getByText('You are signed out').waitFor();
    const [beside] = await Promise.all([
      page.context().waitForEvent('page'),
      page.getByRole('link', { name: 'Sign in in a new window' }).click(),
    ]);
    await beside.locator('#token').fill(token);
    await beside.keyboard.press('Enter');
    await beside.getByText('Your work').waitFor();
    expect(await page.locator('#name').inputValue()).to.equal('Imani Example');
    await page.getByRole('button', { name: 'Prepare the act' }).click();
    await page.getByText('to "Imani Example"').first().waitFor();
  });

  it('shows what a file was given as a number as text, whatever it is', async () => {
    const page = await newPage();
    await signIn(page, await registrar(1), `/console/en/find#office=1&number=${encodeURIComponent(MARKUP)}`);
    await page.getByText(MARKUP).waitFor();
    expect(await page.locator('img').count()).to.equal(0);
  });

  it('shows an act whose fields do not make its id as one that nobody must sign', async () => {
    const page = await newPage();
    const token = await registrar(1);
    const { text: truth } = await gateway().ask('GET', `/acts/${village.discharge.id}`, { token });
    const lie = truth.replace(/"restrictionId":"\d+/, '$&1');
    expect(lie).not.to.equal(truth);
    await page.route(
      ({ pathname }) => pathname.startsWith('/acts/'),
      (route) => route.fulfill({ contentType: 'application/json', body: lie }),
    );
    await signIn(page, await registrar(1), `/console/en/acts/${village.discharge.id}`);
    await page.getByText('This act is not what it says').waitFor();
    expect(await page.locator('main').innerText()).not.to.include('mortgage');
    expect(await page.locator('.lead').count()).to.equal(0);
  });

  it('calls an act by what is signed, whatever the gateway calls it', async () => {
    const page = await newPage();
    const token = await registrar(1);
    const place = `/acts/${village.discharge.id}`;
    const { body } = await gateway().ask<object>('GET', place, { token });
    await page.route(
      ({ pathname }) => pathname === place,
      (route) => route.fulfill({ json: Object.assign(body, { kind: 'transfer-right' }) }),
    );
    await signIn(page, token, `/console/en${place}`);
    expect(await page.locator('.lead').innerText()).to.equal('Discharge or withdrawal');
  });

  it('derives the ledger again for an auditor, and tells its entries', async () => {
    const page = await newPage();
    await signIn(page, await gateway().token('auditor', 1), '/console/en/checks');
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.getByText('Sound: everything holds.').first().waitFor();
    expect(await page.locator('main').innerText()).to.include('Mortgage');
  });

  it('shows a member how few decide and what is voted on, hands a vote to the signer, and carries out what is due', async () => {
    const measure = await proposed(gateway(), OFFICERS.preparer, { kind: 'set-quorum', quorum: 2 }, []);
    const page = await newPage();
    await signIn(page, await gateway().token('member', 2), '/console/en/members');
    const told = await page.locator('main').innerText();
    expect(told).to.match(/to decide anything\s+2 institutions/);
    expect(told).to.match(/to stop any decision\s+1 institution/);
    expect(told).to.include('Nothing is paused').and.to.include('Fewer than three institutions have a vote');
    await page.locator('main').getByRole('link', { name: 'Officers' }).click();
    await page.locator('td', { hasText: 'vote for the institution' }).first().waitFor();
    await page.locator('nav').getByRole('link', { name: 'Votes' }).click();
    await page.getByRole('link', { name: 'Changes how many votes decide' }).click();
    await page.getByText('1 vote is still missing').waitFor();
    await page.getByRole('button', { name: 'Prepare the act' }).click();
    await page.getByText('You have not said how your institution votes').waitFor();
    await page.locator('#votes').selectOption('for');
    await page.getByRole('button', { name: 'Prepare the act' }).click();
    await page.getByText('To the signer, and back').waitFor();
    expect(await page.locator('.sentence').innerText()).to.match(/^Votes for this: /);
    // Nothing was voted by that: her key votes.
    expect((await standing(gateway(), measure)).inFavour).to.deep.equal([1]);
    await voted(gateway(), OFFICERS.secondPreparer, measure);
    await open(page, `/console/en/measures/${measure.measureId}`);
    await page.getByRole('button', { name: 'Carry it out' }).click();
    await page.getByRole('button', { name: 'Carry it out' }).waitFor({ state: 'detached' });
    // What the views have of it may come a moment after the ledger.
    const isCarriedOut = async () => (await standing(gateway(), measure)).state === 'executed';
    for (let i = 0; i < 50 && !(await isCarriedOut()); i++) await page.waitForTimeout(200);
    expect(await isCarriedOut()).to.equal(true);
    // What would refuse it, and that it would decide nothing, stands above the votes.
    const expels = await proposed(gateway(), OFFICERS.preparer, {
      kind: 'expel-institution',
      institution: 2,
    });
    await open(page, `/console/en/measures/${expels.measureId}`);
    expect(await page.locator('main').innerText())
      .to.include('As things stand it could not be carried out')
      .and.include('members-below-quorum')
      .and.not.include('Before you vote');
    const validator = { kind: 'add-validator', institution: 1, validator: `0x${'0c'.repeat(20)}` };
    const listed = await proposed(gateway(), OFFICERS.preparer, validator);
    await open(page, `/console/en/measures/${listed.measureId}`);
    expect(await page.locator('main').innerText())
      .to.include('Before you vote')
      .and.include('One gateway seals this ledger alone')
      .and.not.include('As things stand it could not be carried out');
    // It was decided by those who might vote then, whoever may vote now.
    await page.route(
      ({ pathname }) => pathname === '/consortium',
      (route) => route.fulfill({ json: { activeMembers: [1] } }),
    );
    await open(page, `/console/en/measures/${measure.measureId}`);
    const settled = await page.locator('main').innerText();
    expect(settled)
      .to.include('2 institutions voted for it')
      .and.not.to.match(/still missing|may not vote now/);
  });

  it('says what happened, what was not done and what to do, in the focus, and nothing of a script that was typed', async () => {
    const page = await newPage();
    await page.goto(at('/console/en/'));
    const script = 'kudurru_<img src=x onerror=alert(1)>';
    await page.locator('#token').fill(script);
    await page.keyboard.press('Enter');
    const trouble = page.locator('main').getByRole('alert');
    await trouble.getByText('token-not-valid').waitFor();
    expect(await page.locator('img').count()).to.equal(0);
    expect(await page.evaluate('document.activeElement.getAttribute("role")')).to.equal('alert');
  });

  it('says that a token is good where it has no page for it, and where the browser keeps no session', async () => {
    const page = await newPage();
    await signIn(page, await gateway().token('steward', 1));
    await page.getByText('your token is good').waitFor();
    expect(await page.locator('#token').count()).to.equal(0);
    const forgetful = await newPage();
    await forgetful.route(
      ({ pathname }) => pathname === '/sessions',
      (route) =>
        route.request().method() === 'POST' ? route.fulfill({ status: 201, json: {} }) : route.continue(),
    );
    await forgetful.goto(at('/console/en/'));
    await forgetful.locator('#token').fill(await registrar(1));
    await forgetful.keyboard.press('Enter');
    await forgetful.getByRole('alert').getByText('did not keep the session').waitFor();
  });

  it('is gone through with the keyboard in the order in which it is read', async () => {
    const page = await newPage();
    await signIn(page, await registrar(1), '/console/en/find');
    await page.evaluate('document.activeElement.blur(); window.getSelection().removeAllRanges()');
    await page.reload();
    await page.locator('#office').waitFor();
    const order: string[] = [];
    for (let i = 0; i < 18; i++) {
      await page.keyboard.press('Tab');
      order.push(
        await page.evaluate<string>(
          '(() => { const one = document.activeElement; return one.id || one.textContent.trim(); })()',
        ),
      );
    }
    expect(order).to.deep.equal([
      ...['Go to the content', 'Kudurru', 'What waits', 'Find a title', 'Verify a certificate'],
      ...['Sign out everywhere', 'office', 'way', 'sought', 'Search', 'by', 'person', 'purpose', 'case'],
      ...['Search', 'English', 'Français', 'العربية'],
    ]);
  });

  it('shows digits as the reader chose, and says by the focus which page was opened', async () => {
    const page = await newPage();
    await signIn(page, await registrar(1), '/console/ar/inbox#show=all');
    await page.locator('#digits').selectOption('arab');
    await page.locator('h1[tabindex]').waitFor();
    await page.locator('nav a').nth(1).click();
    await page.locator('h1:focus').waitFor();
    expect(await page.locator('h1:focus').innerText()).to.equal('البحث عن سند');
    await open(page, `/console/ar/titles/${village.held}`);
    const text = await page.locator('main').innerText();
    expect(text).to.include('٣/٦').and.to.include('UTC').and.not.to.include('3/6');
    // what was given to the parcel as its number is not written otherwise
    expect(text).to.include('A/1');
  });

  for (const language of LANGUAGES) {
    it(`has no finding of axe, fits 320 pixels and has words for everything, in ${language}`, async () => {
      const pages = {
        find: '/find#office=1&number=A%2F1',
        title: `/titles/${village.held}`,
        inbox: '/inbox#show=all',
        act: `/acts/${village.discharge.id}`,
        sale: `/prepare/transfer/${village.sold}/1`,
        discharge: `/prepare/discharge/${village.held}/5`,
        missing: '/no-such-page',
      };
      const signedOut = await newPage();
      await signedOut.goto(at(`/console/${language}/`));
      await signedOut.locator('#token').waitFor();
      await looksRight(signedOut, 'sign-in', language);
      const page = await newPage();
      await signIn(page, await registrar(1), `/console/${language}/`);
      await looksRight(page, 'home', language);
      for (const [name, place] of Object.entries(pages)) {
        await open(page, `/console/${language}${place}`);
        await looksRight(page, name, language);
      }
      const auditor = await newPage();
      await signIn(auditor, await gateway().token('auditor', 1), `/console/${language}/checks`);
      await looksRight(auditor, 'checks', language);
      const member = await newPage();
      const measure = await proposed(gateway(), OFFICERS.preparer, { kind: 'set-quorum', quorum: 2 }, []);
      await signIn(member, await gateway().token('member', 2), `/console/${language}/members`);
      await looksRight(member, 'members', language);
      for (const place of ['officers', 'measures', `measures/${measure.measureId}`]) {
        await open(member, `/console/${language}/${place}`);
        await looksRight(member, `member-${place.slice(0, 9).replace('/', '-')}`, language);
      }
      await voted(gateway(), OFFICERS.secondPreparer, measure);
      await carriedOut(gateway(), measure);
      const dark = await newPage();
      await dark.emulateMedia({ colorScheme: 'dark', forcedColors: 'none' });
      await signIn(dark, await registrar(1), `/console/${language}/titles/${village.held}`);
      expect(await findingsOf(dark), 'dark').to.deep.equal([]);
    });
  }

  it('is small enough for a bad network', () => {
    const sizeOf = (name: string) => statSync(path.join(DIST, `${name}.gz`)).size;
    const scripts = readdirSync(DIST).filter((name) => name.endsWith('.js') && !name.startsWith('till-'));
    for (const name of scripts)
      expect(sizeOf(name), name).to.be.at.most(name.startsWith('land-') ? GROUND_MAX : LAZY_MAX);
    const manifest = JSON.parse(readFileSync(path.join(DIST, 'manifest.json'), 'utf8'));
    const shell = [manifest.script, manifest.style, ...Object.values<string>(manifest.words)];
    expect(shell.reduce((sum, name) => sum + sizeOf(name), 0)).to.be.at.most(SHELL_MAX);
    expect(sizeOf('verify.html')).to.be.at.most(VERIFIER_MAX);
  });

  it('allows no script but its own, asks nobody but the gateway, and gives the browser nothing to complain about', async () => {
    const { headers, text } = await gateway().ask<string>('GET', '/console/en/find');
    const policy = headers.get('Content-Security-Policy') ?? '';
    expect(policy).to.include("default-src 'none'").and.to.include("script-src 'self'");
    expect(policy).not.to.include('unsafe');
    expect(text).not.to.match(/<script(?![^>]* src=)|<style|\son\w+=|\sstyle=/);
    expect([...shown().asked]).to.deep.equal([gateway().url]);
    // An answer of 401 or 404 that a page reads is written to the console by the browser itself.
    expect(shown().complaints.filter((one) => !one.startsWith('Failed to load resource'))).to.deep.equal([]);
  });
});
