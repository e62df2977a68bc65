/**
 * The page that verifies a certificate, as a citizen has it: saved to a disk, opened from there, with every server gone.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { type Browser, chromium, type Page } from 'playwright-core';
import { readCertificate, writeCertificate } from '../../../server/domain/audit/certificate.ts';
import { fingerprint } from '../../../server/domain/audit/trust.ts';
import { HASH_OF_SECTION } from '../../../server/domain/land/hashes.ts';
import { type App, startApp } from '../../gateway/app.ts';
import { needs } from '../../within.ts';
import { HOLDERS, registerVillage } from '../registry.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
const AXE = readFileSync(
  path.resolve(import.meta.dirname, '../../../node_modules/axe-core/axe.min.js'),
  'utf8',
);
const PICTURES = process.env.KUDURRU_PICTURES;
const CASE = { 'X-Case-Reference': 'CASE-7' };

describe('the page that verifies a certificate', function () {
  this.timeout(180_000);
  let browser: Browser | undefined;
  let app: App | undefined;
  let folder = '';
  let saved = '';
  let trustPrint = '';
  let policy = '';
  const asked: string[] = [];
  const complaints: string[] = [];
  const file = (name: string) => path.join(folder, name);

  before(async function () {
    needs(this, 'chromium', CHROMIUM !== undefined);
    folder = mkdtempSync(path.join(tmpdir(), 'kudurru-verifier-'));
    app = await startApp();
    const { held } = await registerVillage(app);
    const token = await app.token('registrar', 1);
    const certificate = await app.ask('GET', `/titles/${held}/certificate`, { token, headers: CASE });
    const page = await app.ask<string>('GET', '/verify');
    policy = page.headers.get('Content-Security-Policy') ?? '';
    const open = await app.ask('GET', `/titles/${held}/open-certificate`, {
      token: await app.token('auditor', 1),
    });
    writeFileSync(file('certificate.json'), certificate.text);
    writeFileSync(file('open.json'), open.text);
    writeFileSync(file('changed.json'), certificate.text.replace(HOLDERS[0], 'Mara Example-Wanjika'));
    const whole = readCertificate(certificate.text);
    const { notices } = whole.state;
    if (typeof notices === 'string') throw new Error('the certificate shows no notices');
    const state = Object.assign({}, whole.state, { notices: HASH_OF_SECTION.notices(notices) });
    const hidden = new Set(notices.map(({ restrictionId }) => `restriction/${restrictionId}`));
    const facts = whole.facts.filter(({ of }) => !hidden.has(of));
    const part = Object.assign({}, whole, { state, facts });
    writeFileSync(file('charges.json'), writeCertificate(part));
    const trust = readFileSync(path.join(app.folder, 'data', 'trust.json'), 'utf8');
    writeFileSync(file('trust.json'), trust);
    const { genesisHash } = JSON.parse(trust) as { genesisHash: string };
    writeFileSync(file('other.json'), trust.replaceAll(genesisHash, genesisHash.replace(/.{4}$/, 'abcd')));
    trustPrint = fingerprint(app.trust());
    saved = file('verify.html');
    writeFileSync(saved, page.text);
    // From here on there is no server.
    await app.remove();
    app = undefined;
    browser = await chromium.launch({
      executablePath: CHROMIUM ?? '',
      args: ['--no-sandbox', '--disable-gpu'],
    });
  });
  after(async () => {
    await browser?.close();
    await app?.remove();
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  async function openSaved(language = 'en'): Promise<Page> {
    if (browser === undefined) throw new Error('no browser was started');
    const page = await (await browser.newContext({ offline: true })).newPage();
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (said) => said.type() === 'error' && complaints.push(said.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${pathToFileURL(saved)}#${language}`);
    return page;
  }

  async function judge(page: Page, certificate: string, trust?: string): Promise<string> {
    await page.locator('#certificate').setInputFiles(file(certificate));
    if (trust !== undefined) await page.locator('#trust').setInputFiles(file(trust));
    await page.locator('#verdict h2').first().waitFor();
    await page.locator('#verdict .fingerprint, #verdict .warn, #verdict .bad').first().waitFor();
    return page.locator('#verdict').innerText();
  }

  it('gives the verdicts, what it proves and the fingerprint to compare, with every server gone', async () => {
    const page = await openSaved();
    const text = await judge(page, 'certificate.json', 'trust.json');
    for (const words of [
      'Intact',
      'Anchored',
      'The 3 shares make the whole.',
      'Mortgage',
      trustPrint,
      ...HOLDERS,
    ])
      expect(text).to.include(words);
    expect(text).to.include('Whether it is still current cannot be known without a network');
    expect(text).not.to.include('Some facts are left out');
  });

  it('sees a letter that was changed, and the wrong ledger, and shows nothing of either as proved', async () => {
    const changed = await judge(await openSaved(), 'changed.json', 'trust.json');
    expect(changed).to.include('Not intact').and.to.include('fact-not-committed');
    expect(changed).not.to.include('What it proves');
    const wrong = await judge(await openSaved(), 'certificate.json', 'other.json');
    expect(wrong).to.include('Not anchored').and.not.to.include('What it proves');
  });

  it('claims no more than it knows: without a trust file, and of facts that are left out', async () => {
    const alone = await judge(await openSaved(), 'certificate.json');
    expect(alone).to.include('Without a trust file').and.not.to.include('What it proves');
    const part = await judge(await openSaved(), 'open.json', 'trust.json');
    expect(part).to.include('Some facts are left out').and.to.include('What it proves');
  });

  it('shows a charge that is proved where notices alone are left out', async () => {
    const text = await judge(await openSaved(), 'charges.json', 'trust.json');
    expect(text).to.include('What it proves').and.to.include('Mortgage');
    expect(text).to.include('Cautions and orders are not shown').and.not.to.include('Charges are not shown');
  });

  it('lets no verdict stand over a file that it could not read', async () => {
    const page = await openSaved();
    await judge(page, 'certificate.json', 'trust.json');
    await page.evaluate('File.prototype.text = () => Promise.reject(new Error("gone"))');
    await page.locator('#certificate').setInputFiles(file('changed.json'));
    await page.getByText('could not read or judge').waitFor();
    expect(await page.locator('#verdict').innerText()).to.equal('');
  });

  it('says no, and why, to what is no certificate', async () => {
    for (const name of ['trust.json', 'verify.html'])
      expect(await judge(await openSaved(), name, 'trust.json'), name).to.include('Not intact');
  });

  for (const language of ['en', 'fr', 'ar'] as const) {
    it(`has no finding of axe and fits 320 pixels, in ${language}`, async () => {
      const page = await openSaved(language);
      await judge(page, 'certificate.json', 'trust.json');
      expect(
        await page.evaluate('[document.documentElement.lang, document.documentElement.dir]'),
      ).to.deep.equal([language, language === 'ar' ? 'rtl' : 'ltr']);
      for (const width of [320, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        expect(
          await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth'),
        ).to.be.at.most(0);
        if (PICTURES === undefined) continue;
        mkdirSync(PICTURES, { recursive: true });
        await page.screenshot({
          path: path.join(PICTURES, `verify-${language}-${width}.png`),
          fullPage: true,
        });
      }
      await page.evaluate(AXE);
      const found = await page.evaluate<readonly string[]>(
        `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 160))))`,
      );
      expect(found).to.deep.equal([]);
    });
  }

  it('asks nobody for anything, and lets no other script run, saved or served', () => {
    expect(asked.filter((url) => !url.startsWith('file:'))).to.deep.equal([]);
    expect(complaints).to.deep.equal([]);
    const [script] = /script-src '(sha256-[^']+)'/.exec(policy)?.slice(1) ?? [];
    expect(script).to.be.a('string');
    expect(readFileSync(saved, 'utf8')).to.include(`script-src '${script}'`);
    expect(policy).to.include("default-src 'none'").and.not.to.include('unsafe');
  });
});
