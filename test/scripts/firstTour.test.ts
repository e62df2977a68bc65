/** The README's tour of a first disbursement, run as it is written: a title passes by consent, a card pays at a till. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { type App, startApp } from '../gateway/app.ts';
import { blocksOf, TOUR_MS, typed as typedAt } from '../gateway/tour.ts';

describe("the README's tour of a first disbursement", function () {
  this.timeout(2 * TOUR_MS);
  let home: string;
  let app: App | undefined;
  let said: string;
  const typed = (...blocks: readonly string[]) => typedAt({ home, gateway: app?.url }, ...blocks);
  const inTour = (name: string) => path.join(home, 'kudurru-first', name);
  const jsonIn = (name: string) => JSON.parse(readFileSync(inTour(name), 'utf8'));
  const words = blocksOf('A ledger of your own')[0] ?? '';
  const blocks = blocksOf('A first disbursement of your own');

  before(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'kudurru-first-'));
    mkdirSync(path.join(home, 'kudurru-first'));
    const [, start = ''] = blocksOf('A ledger of your own');
    expect([start.includes('npm start'), blocks.length]).to.deep.equal([true, 4]);
    await typed(words);
    app = await startApp({ folder: path.join(home, 'kudurru-first') });
    // The words of the ledger's own section stand in the reader's shell already.
    const names = words.slice(0, words.indexOf('NONCE='));
    said = await typed(names, ...blocks);
  });
  after(async () => {
    await app?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  it('passes a title by what its holder saw and signed', async () => {
    const unit = jsonIn('survey.json').recorded[0].baUnit;
    const token = await app?.token('registrar', 1);
    const title = await app?.ask<{
      version: string;
      state: { rights: { holdings: { holdingId: number }[] }[] };
    }>('GET', `/titles/${unit}`, { token });
    expect(title?.body.version).to.equal('2');
    expect(title?.body.state.rights[0]?.holdings.map(({ holdingId }) => holdingId)).to.deep.equal([3]);
  });

  it('pays a shop what a card signed, and says what is final and owed', () => {
    expect(said).to.match(/^Sold 5 units; 7 remain\.$/m);
    expect(said).to.match(/^Redeemed, for good: 1$/m);
    expect(said).to.match(
      /place 0 {2}5 units {2}redeemed\nsigned 0, posting 0, accepted 0, redeemed 1, skipped 0, refused 0$/m,
    );
    expect(said).to.match(
      /cycle 1: earned KES 500.00, paid KES 0.00, can be paid now KES 500.00, waits KES 0.00, disputed KES 0.00/,
    );
  });

  it('leaves no file with names or salts that others on the machine can read', () => {
    const files = ['title.json', 'survey.json', 'people.json', 'sale.json', 'sale.mara'];
    expect(files.filter((file) => (statSync(inTour(file)).mode & 0o077) !== 0)).to.deep.equal([]);
  });

  it('sends the gateway no seed and no PIN, and leaves a ledger that is derived again from block 0', async () => {
    const enrolment = readFileSync(inTour('cards/enrolment.json'), 'utf8');
    const { sealed } = jsonIn('cards/1.card.json');
    const pin = readFileSync(inTour('cards/pins.csv'), 'utf8').trim().split(',').at(-1) ?? '';
    expect(pin).to.match(/^\d{6}$/);
    expect([enrolment.includes(sealed.slice(2)), enrolment.includes(`"${pin}"`)]).to.deep.equal([
      false,
      false,
    ]);
    const told = ['personId', 'keyKind', 'keyId', 'possession'];
    expect(Object.keys(JSON.parse(enrolment).people[0])).to.deep.equal(told);
    const token = await app?.token('auditor', 0);
    const checked = await app?.ask<{ ok: boolean; findings: unknown[] }>('POST', '/checks', { token });
    expect(checked?.body).to.deep.include({ ok: true, findings: [] });
  });
});
