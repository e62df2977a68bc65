/**
 * The README's tour of a first disbursement, run as it is written: a title passes by consent, a card pays at a till. Then both
 * registers are succeeded as docs/operating.md has members type it, and go on.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { type App, freePort, startApp } from '../gateway/app.ts';
import { kudurru } from '../gateway/kudurru.ts';
import { blocksOf, TOUR_MS, typed as typedAt } from '../gateway/tour.ts';

describe("the README's tour of a first disbursement", function () {
  this.timeout(2 * TOUR_MS);
  let home: string;
  let app: App | undefined;
  let said: string;
  let rpc: string;
  const typed = (...blocks: readonly string[]) => typedAt({ home, gateway: app?.url, rpc }, ...blocks);
  const inTour = (name: string) => path.join(home, 'kudurru-first', name);
  const jsonIn = (name: string) => JSON.parse(readFileSync(inTour(name), 'utf8'));
  // As it is written, but for the days that a vote of the succession would wait.
  const words = (blocksOf('A ledger of your own')[0] ?? '').replace(
    '--institution 1:all ',
    '--institution 1:all --widening-wait-days 0 --appointment-wait-days 0 ',
  );
  // The words of the ledger's own section stand in the reader's shell already.
  const names = words.slice(0, words.indexOf('NONCE='));
  const blocks = blocksOf('A first disbursement of your own');

  before(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'kudurru-first-'));
    mkdirSync(path.join(home, 'kudurru-first'));
    const [, start = ''] = blocksOf('A ledger of your own');
    expect([start.includes('npm start'), blocks.length]).to.deep.equal([true, 4]);
    const rpcPort = await freePort();
    rpc = `http://127.0.0.1:${rpcPort}`;
    await typed(words);
    app = await startApp({
      folder: path.join(home, 'kudurru-first'),
      env: { KUDURRU_RPC_PORT: String(rpcPort) },
    });
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

  describe('whose registers are succeeded as docs/operating.md says it', () => {
    const [tour = '', , , joining = ''] = blocksOf('A second institution joins');
    const shell = `${names}\n${tour.replace('TOUR=~/kudurru-tour', 'TOUR=$FIRST')}`;
    const procedure = blocksOf("A register's successor", 'docs/operating.md').join('\n');
    const succeeded = (register: string, paused: string) =>
      typed(
        shell,
        procedure.replace(
          'REGISTER=notary; PAUSED="--scope officers"',
          `REGISTER=${register}; PAUSED="${paused}"`,
        ),
        // The files of one succession make room for those of the next.
        'rm $TOUR/still* $TOUR/successor* $TOUR/agreed* $TOUR/goes-on*',
      );
    const verified = (certificate: string, trust: string, ...more: readonly string[]) => {
      const { code, stdout } = kudurru([
        ...['verify', inTour(certificate), '--trust', inTour(trust), '--json', ...more],
      ]);
      const { anchored, current } = JSON.parse(stdout);
      return [code, anchored.code ?? anchored.verdict, current.code ?? current.verdict];
    };
    let unit: string;

    before(async () => {
      for (const [name, institution] of [
        ['token-1', 1],
        ['token-2', 2],
      ] as const) {
        writeFileSync(inTour(name), (await app?.token('member', institution, name)) ?? '');
      }
      writeFileSync(inTour('auditor'), (await app?.token('auditor', 0)) ?? '');
      unit = jsonIn('survey.json').recorded[0].baUnit;
      await typed(
        shell,
        `kudurru desk certificate ${unit} --token $FIRST/auditor --out $FIRST/before.json`,
        joining.slice(0, joining.indexOf('kudurru member propose move-office')),
        'kudurru audit --rpc $RPC --trust $TOUR/data/trust.json --json > $TOUR/registers.json',
      );
    });

    it('has land go on with its titles, and a certificate of before and one of after verify', async () => {
      const told = await succeeded('land', '--scope land');
      expect(told).to.match(/^0x[0-9a-f]{64}: 3 words of land, in 1 calls$/m);
      expect(told).to.match(/^1 calls sent: land has begun at 0x/m);
      expect(told.match(/^SOUND: /gm)).to.have.length(2);
      expect(told).to.match(/^PROVED from the file before: landRegistry was succeeded$/m);
      await typed(shell, `kudurru desk certificate ${unit} --token $FIRST/auditor --out $FIRST/after.json`);
      const asked = ['--rpc', rpc];
      const [then, now] = ['data/trust.json', 'trust-land.json'];
      expect(verified('before.json', then)).to.deep.equal([0, 'yes', 'not-asked']);
      expect(verified('before.json', then, ...asked)).to.deep.equal([1, 'yes', 'register-frozen']);
      const isNow = ['--trust-now', inTour(now), ...asked];
      expect(verified('before.json', then, ...isNow)).to.deep.equal([0, 'yes', 'yes']);
      expect(verified('before.json', now)).to.deep.equal([1, 'contract-differs', 'not-asked']);
      expect(verified('after.json', now, ...asked)).to.deep.equal([0, 'yes', 'yes']);
      expect(verified('after.json', then)).to.deep.equal([1, 'contract-differs', 'not-asked']);
    });

    it('has benefits go on with its cards and tills, which pay by the trust file of now', async () => {
      const told = await succeeded('benefits', '--scope disbursement --scope redemption --scope settlement');
      expect(told).to.match(/^1 calls sent: benefits has begun at 0x/m);
      expect(told.match(/^SOUND: /gm)).to.have.length(2);
      expect(told).to.match(/^PROVED from the file before: landRegistry, benefitLedger were succeeded$/m);
      // The same sale as in the tour, of two units and by the new trust file.
      const [, , , selling = ''] = blocks;
      const again = selling
        .slice(selling.indexOf('kudurru till open'))
        .replaceAll('data/trust.json', 'trust-benefits.json')
        .replaceAll('basket.json', 'basket-2.json')
        .replace('--line "2 kg of maize=4" --line "salt=1"', '--line "salt=2"');
      const programme = `PROGRAMME=${jsonIn('basket.json').programme}`;
      const sold = await typed(shell, programme, again);
      expect(sold).to.match(/^Sold 2 units; 5 remain\.$/m);
      expect(sold).to.match(/^Redeemed, for good: 1$/m);
      expect(sold).to.match(/cycle 1: earned KES 700.00/);
      const audited = kudurru(['audit', '--rpc', rpc, '--trust', inTour('trust-benefits.json')]);
      expect(audited.stdout).to.match(/^SOUND: /);
    });
  });
});
