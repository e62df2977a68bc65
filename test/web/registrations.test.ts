/** A file of people as an aid officer sends it from the console: tried, mapped, taken, and its refused lines sent again. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { QUESTIONS } from '../../server/domain/files/answers.ts';
import { readRows } from '../../server/domain/files/csv.ts';
import { sameFileOf } from '../../web/console/sameFile.ts';
import { Aid } from '../aid/aid.ts';
import { type App, startApp } from '../gateway/app.ts';
import { needs } from '../within.ts';
import { CHROMIUM, type InBrowser, LANGUAGES, looksRight, startBrowser } from './inBrowser.ts';

const HEAD = 'id_card;beneficiary;hh;village';
const GOOD = ['EX-1;Mara Example;4;Well', 'EX-2;"Noor; Example";2;Well'];
const BAD = ['EX-3;Pili Example;many;Hill', 'EX-4;عائشة المثال;0;Hill'];
const FILE = [HEAD, GOOD[0], BAD[0], GOOD[1], BAD[1], ''].join('\r\n');

describe('the refused lines of a file as a file', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const reasons = new Map([
    [3, 'why "so"'],
    [5, 'why not'],
  ]);

  it('stand as they were written, with the reason beside each and the names of the columns above', () => {
    expect(sameFileOf(bytes(FILE), {}, 2, reasons, 'Why')).to.equal(
      `\ufeff${[`${HEAD};"Why"`, `${BAD[0]};"why ""so"""`, `${BAD[1]};"why not"`, ''].join('\r\n')}`,
    );
  });

  it('keep a row that is written on several lines, and what stands above the names', () => {
    const file = 'List of May\na,b\n1,"two\nlines"\n3,4\n';
    expect(sameFileOf(bytes(file), {}, 3, new Map([[3, 'x']]), 'Why')).to.equal(
      '\ufeffList of May\r\na,b,"Why"\r\n1,"two\r\nlines","x"\r\n',
    );
  });

  it('keep empty cells at the end of a line, so that the reason stands in a column of its own', () => {
    const file = 'id\tname\tvillage\n1\tPili\t\n2\tNoor\tHill\n';
    expect(sameFileOf(bytes(file), {}, 2, new Map([[2, 'x']]), 'Why')).to.equal(
      '\ufeffid\tname\tvillage\t"Why"\r\n1\tPili\t\t"x"\r\n',
    );
  });

  it('are without the empty rows that spreadsheets write behind the last one', () => {
    const file = 'id;name\r\n1;Pili\r\n;\r\n;\r\n';
    expect(sameFileOf(bytes(file), {}, 2, new Map([[2, 'x']]), 'Why')).to.equal(
      '\ufeffid;name;"Why"\r\n1;Pili;"x"\r\n',
    );
  });

  it('have the numbers of the reader, however lines end, and its separator', () => {
    const file = 'sep=,\r\r\n"id","na,me"\r\r\n1,Pili\r\r\n2,Noor\r\r\n';
    expect(sameFileOf(bytes(file), {}, 3, new Map([[4, 'x']]), 'Why')).to.equal(
      '\ufeff"id","na,me","Why"\r\n2,Noor,"x"\r\n',
    );
  });

  it('are found among a hundred thousand within a moment', () => {
    const file = `id;units\n${Array.from({ length: 100_000 }, (_, i) => `EX-${i};0`).join('\n')}\n`;
    const all = new Map(Array.from({ length: 20_000 }, (_, i) => [100_001 - i, 'x']));
    const startedMs = performance.now();
    expect(sameFileOf(bytes(file), {}, 2, all, 'Why')?.split('\r\n')).to.have.length(20_002);
    expect(performance.now() - startedMs).to.be.lessThan(20_000);
  });

  it('have no cell that a spreadsheet takes for a formula, and are read as they were', () => {
    const cells = [
      '=1+1',
      '+254700',
      '-1.5',
      '@SUM(A1)',
      '\ttab',
      "'=x",
      "''-x",
      ' =1',
      '\uff1d1',
      "o'clock",
      "'tis",
    ];
    const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
    const file = ['id;note', ...cells.map((cell, i) => `${i};${quoted(cell)}`), '=id;=cmd()', ''].join('\n');
    const read = (text: string) => {
      const rows: (readonly string[])[] = [];
      readRows(bytes(text), {}, { consume: (row) => rows.push(row), finish: () => rows });
      return rows.map((row) => row.slice(0, 2));
    };
    const all = new Map(Array.from({ length: cells.length + 1 }, (_, i) => [i + 2, '=why']));
    const written = sameFileOf(bytes(file), {}, 2, all, 'Why') ?? '';
    for (const line of written.slice(1).split('\r\n')) {
      for (const cell of line.split(';')) expect(cell).not.to.match(/^["\s]*[=+@\uff1d\t-]/);
    }
    expect(read(written)).to.deep.equal(read(file));
    expect(sameFileOf(bytes(written), {}, 2, all, 'Why')?.split('\r\n')).to.have.length(cells.length + 3);
    expect(read(sameFileOf(bytes(written), {}, 2, all, 'Why') ?? '')).to.deep.equal(read(file));
  });

  it('are none where the file is a workbook', () => {
    expect(sameFileOf(new Uint8Array([0x50, 0x4b, 3, 4, 0]), {}, 2, reasons, 'Why')).to.equal(undefined);
  });
});

describe('the words of refused lines', () => {
  it('say in every language what each question about people asks, and each answer', () => {
    for (const language of LANGUAGES) {
      const file = new URL(`../../web/words/${language}.json`, import.meta.url);
      const words = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
      const missing = [...QUESTIONS.people, ...QUESTIONS.roll].filter((code) => !(`line.${code}` in words));
      expect(missing, language).to.deep.equal([]);
    }
  });
});

describe('registrations in the console', function () {
  this.timeout(240_000);
  let browser: InBrowser | undefined;
  let app: App | undefined;
  let aid: Aid;

  before(async function () {
    needs(this, 'chromium', CHROMIUM !== undefined);
    app = await startApp();
    aid = new Aid(app, 'school');
    await aid.define();
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

  async function officer(language = 'en'): Promise<Page> {
    if (app === undefined) throw new Error('the gateway was not started');
    const page = await shown().newPage();
    const place = `/console/${language}/programmes/${aid.programme}/registrations`;
    await shown().signIn(page, await app.token('agency', 1), place);
    return page;
  }

  async function choose(page: Page, text: string): Promise<void> {
    const buffer = Buffer.from(text);
    await page.locator('#file').setInputFiles({ name: 'May.csv', mimeType: 'text/csv', buffer });
  }

  it('are tried first, mapped, taken once, and found again after a reload', async () => {
    const page = await officer();
    await choose(page, FILE);
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.getByRole('heading', { name: 'What would be taken' }).waitFor();
    // No column is called as units are: the reader says which it is.
    await page.locator('select[name="column.units"]').selectOption({ label: 'hh' });
    await page.locator('select[name="column.name"]').selectOption({ label: 'beneficiary' });
    await page.locator('select[name="column.nationalId"]').selectOption({ label: 'id_card' });
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('2 people would be taken.').first().waitFor();
    const first = page.locator('table', { hasText: 'First rows of the file' });
    expect(await first.innerText()).to.include('Noor; Example');
    const refused = page.locator('table', { hasText: 'Lines that are refused' });
    expect(await refused.locator('tbody tr').allInnerTexts()).to.have.length(2);
    expect(await refused.innerText())
      .to.include('no whole number')
      .and.to.include('zero or fewer');
    expect((await aid.ask<{ total: number }>('GET', `${aid.path}/enrolments/1/places`)).status).to.be.below(
      500,
    );
    await page.getByRole('button', { name: 'Take these people' }).dblclick();
    await page.getByText('2 people were taken.').first().waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Keep the refused lines' }).click(),
    ]);
    expect(download.suggestedFilename()).to.equal('refused-May.csv');
    const kept = readFileSync(await download.path(), 'utf8');
    expect(
      kept
        .split('\r\n')
        .slice(1, 3)
        .map((line) => line.split(';"')[0]),
    ).to.deep.equal(BAD);
    await page.reload();
    await page.getByText('2 people were taken.').first().waitFor();
    await page.getByRole('button', { name: 'Keep the refused lines' }).click();
    await page.getByText('does not have your file any more').waitFor();
    // Mended, the file that was kept touches its own lines and no others.
    await shown().open(page, `/console/en/programmes/${aid.programme}/registrations`);
    await choose(page, kept.replace('many', '3').replace(';0;', ';5;'));
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.locator('select[name="column.units"]').selectOption({ label: 'hh' });
    await page.locator('select[name="column.name"]').selectOption({ label: 'beneficiary' });
    await page.locator('select[name="column.nationalId"]').selectOption({ label: 'id_card' });
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('2 people would be taken.').first().waitFor();
    await page.getByLabel('Name', { exact: true }).fill('may-list');
    await page.getByRole('button', { name: 'Keep it' }).click();
    await page.getByText('Kept as may-list.').waitFor();
    const { body } = await aid.ask<{ rows: { name: string; settings: unknown }[] }>('GET', '/profiles');
    expect(body.rows.find(({ name }) => name === 'may-list')?.settings).to.deep.include({
      columns: { units: 3, name: 2, nationalId: 1 },
    });
  });

  it('take the answers of every page of a long table', async () => {
    const page = await officer();
    const lines = Array.from({ length: 60 }, (_, i) => `4471${100 + i};;2`);
    await choose(page, ['nationalId;fullName;units', '880012;Ines Example;2', ...lines, ''].join('\r\n'));
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.locator('select[name="answer.3.name-missing"]').selectOption('without-name');
    const questions = page.locator('form', { hasText: 'What you decide' });
    await questions.getByRole('button', { name: 'Next page' }).click();
    await page.locator('select[name="answer.62.name-missing"]').selectOption('without-name');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('3 people would be taken.').first().waitFor();
  });

  it('ask what only the officer knows, and take her answer for that line', async () => {
    const page = await officer();
    const file = ['nationalId;fullName;units', 'EX-7;Zola Example;2', 'EX-8;;2', ''].join('\r\n');
    await choose(page, file);
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.getByLabel(/Your answer for line/).selectOption('without-name');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('2 people would be taken.').first().waitFor();
    expect(await page.getByRole('heading', { name: 'What was refused' }).count()).to.equal(0);
  });

  for (const language of LANGUAGES) {
    it(`have no finding of axe and fit 320 pixels, in ${language}`, async () => {
      const page = await officer(language);
      await looksRight(page, 'registrations', language);
      await choose(page, FILE);
      await page.locator('form button[type=submit]').first().click();
      await page.locator('select[name="column.units"]').selectOption({ label: 'hh' });
      await page.locator('select[name="column.name"]').selectOption({ label: 'beneficiary' });
      await page
        .locator('form', { has: page.locator('select[name="column.units"]') })
        .locator('button[type=submit]')
        .click();
      await page.locator('table bdi', { hasText: 'Mara Example' }).first().waitFor();
      await looksRight(page, 'registrations-tried', language);
    });
  }

  it('give the browser nothing to complain about', () => {
    expect(shown().complaints.filter((one) => !one.startsWith('Failed to load resource'))).to.deep.equal([]);
  });
});
