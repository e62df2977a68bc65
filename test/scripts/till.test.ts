/** `kudurru card` and `kudurru till`: cards made in bulk, sales that survive the till, posted once and never paid twice. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect } from 'chai';
import { fromHex } from '../../server/domain/base/hex.ts';
import { refusals } from '../../server/domain/base/refusal.ts';
import type { VendorId } from '../../server/domain/base/terms.ts';
import { Aid, CYCLE, EPOCH, type PlaceTold, syntheticPeople } from '../aid/aid.ts';
import { named } from '../chain/signing.ts';
import { type App, headOf, OFFICERS, type Problem, startApp } from '../gateway/app.ts';
import { ENVIRONMENT } from '../gateway/environment.ts';
import { cardShown } from '../gateway/held.ts';
import { COMMAND, kudurruBeside, type Ran } from '../gateway/kudurru.ts';
import { within } from '../within.ts';

const PEOPLE = 11;
const UNITS = 20;
const ENV = { KUDURRU_PASSPHRASE: 'nine ladders and a kiln' };
const NOBODY = 'http://127.0.0.1:9';
const SHOP = named('shop by the well') as string as VendorId;
const TRUST = ['--trust', 'data/trust.json'];
/** A command on a machine that many share. */
const KILL_MS = 120_000;

const unpaid = (code: keyof typeof refusals) =>
  `The ledger would not pay this purchase. ${refusals[code].message}`;

const POSTINGS_MAX = 10;

describe('kudurru card and kudurru till', function () {
  this.timeout(900_000);
  let app: App;
  let aid: Aid;
  const printed: string[] = [];
  const textOf = (name: string) => readFileSync(path.join(app.folder, name), 'utf8');
  const jsonIn = (name: string) => JSON.parse(textOf(name));

  async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const ran = await kudurruBeside(args, { ...ENV, ...env }, app.folder);
    printed.push(ran.stdout, ran.stderr);
    return ran;
  }
  async function done(...args: readonly string[]): Promise<Ran> {
    const ran = await run(args);
    expect(ran.code, `${args.join(' ')}\n${ran.stdout}${ran.stderr}`).to.equal(0);
    return ran;
  }
  const cardFiles = () =>
    readdirSync(path.join(app.folder, 'cards')).filter((name) => name.endsWith('.card.json'));
  const pinOf = (card: string) => {
    const rows = textOf('cards/pins.csv').trim().split('\n');
    return rows.find((row) => row.startsWith(`${path.basename(card, '.card.json')},`))?.split(',')[1] ?? '';
  };
  const cardAt = (index: number) =>
    `cards/${cardFiles().find((name) => jsonIn(`cards/${name}`).index === index) ?? 'none'}`;
  const selling = (queue: string, gateway = app.url) => [
    ...['--till', 'till.json', '--queue', queue, '--key', 'shop', '--keys', 'ring', ...TRUST],
    ...['--token', 'till.token', '--gateway', gateway],
  ];
  const basket = async (name: string, ...lines: readonly string[]) => {
    const of = ['--till', 'till.json', '--programme', aid.programme, '--cycle', String(CYCLE), '--out', name];
    await done('till', 'open', ...of, ...lines.flatMap((line) => ['--line', line]));
  };
  /** Sells at the card's PIN; answers what was said. */
  const sell = (name: string, card: string, queue: string, ...more: readonly string[]) =>
    run(['till', 'sell', name, '--card', card, ...selling(queue), '--yes', '--json', ...more], {
      KUDURRU_PIN: pinOf(card),
    });
  const remaining = async (index: number) => {
    const told = await aid.ask<{ remainingUnits: number }>('GET', `${aid.cyclePath}/entries/${index}`);
    return told.body.remainingUnits;
  };
  const statesIn = (queue: string) =>
    jsonIn(`${queue}/queue.json`).sales.map((sale: { state: string }) => sale.state);

  before(async () => {
    app = await startApp();
    aid = new Aid(app, 'food at a till');
    await aid.define();
    await aid.fund('1000000');
    const { body } = await aid.register(syntheticPeople(PEOPLE));
    writeFileSync(path.join(app.folder, 'people.json'), JSON.stringify(body));
    // Of the kind that a phone's secure element has; the tour of the README is with the other.
    const of = ['--programme', aid.programme, '--epoch', String(EPOCH), '--kind', 'p256', ...TRUST];
    await done('card', 'make', 'people.json', ...of, '--out', 'cards');
    await aid.act('/acts/enrolments', jsonIn('cards/enrolment.json'));
    await aid.loadSlots();
    writeFileSync(path.join(app.folder, 'agency.token'), await app.token('agency', 1));
    const at = ['--token', 'agency.token', '--gateway', app.url];
    expect((await done('card', 'place', 'cards', ...at)).stdout).to.equal(
      `Placed: ${PEOPLE} of ${PEOPLE} cards\n`,
    );
    const places = await aid.ask<{ rows: PlaceTold[] }>('GET', `${aid.path}/enrolments/${EPOCH}/places`);
    aid.places = places.body.rows;
    const roll = await aid.putRoll<{ root: string }>(
      aid.rollOf(() => UNITS),
      PEOPLE,
      PEOPLE * UNITS,
    );
    await aid.openCycle(roll.body.root, 25n);
    await aid.loadUnits();
    await done('holder', 'key', 'shop', '--keys', 'ring');
    const till = [
      '--vendor',
      SHOP,
      '--till',
      '1',
      '--key',
      'shop',
      '--keys',
      'ring',
      '--kind',
      'p256',
      ...TRUST,
    ];
    writeFileSync(path.join(app.folder, 'till.json'), (await done('till', 'key', ...till, '--json')).stdout);
  });
  after(() => app?.remove());

  it('has the agency take up a till whose key signed for it, and no other', async () => {
    await aid.act('/acts/vendors', { vendor: SHOP, standing: 'active', from: 0 });
    writeFileSync(path.join(app.folder, 'till.token'), await aid.tillToken(SHOP));
    const { format: _, ...record } = jsonIn('till.json');
    const body = { head: headOf(OFFICERS.preparer), ...record, standing: 'active' };
    const other = await aid.ask<Problem>('POST', '/acts/tills', { body: { ...body, till: 2 } });
    expect([other.body.code, other.body.errors?.[0]?.pointer]).to.deep.equal(['key-not-held', '/possession']);
    await aid.act('/acts/tills', { ...record, standing: 'active' });
  });

  it('makes cards that only their owner reads, with public values alone for the gateway', () => {
    expect(cardFiles()).to.have.length(PEOPLE);
    for (const name of [...cardFiles(), 'pins.csv', 'enrolment.json']) {
      expect(statSync(path.join(app.folder, 'cards', name)).mode & 0o777, name).to.equal(0o600);
    }
    const people: Record<string, string>[] = jsonIn('cards/enrolment.json').people;
    const keys = cardFiles().map((name) => jsonIn(`cards/${name}`).keyId);
    expect(new Set(people.map(({ keyId }) => keyId))).to.deep.equal(new Set(keys));
    const told = ['personId', 'keyKind', 'keyId', 'possession'];
    expect(new Set(people.flatMap(Object.keys))).to.deep.equal(new Set(told));
    expect(new Set(people.map(({ keyKind }) => keyKind))).to.deep.equal(new Set(['p256']));
  });

  it('sells what a card signed, shows shop, amount and what remains, and says what is final', async () => {
    await basket('first.basket', '2 kg of maize=4', 'salt=1');
    const card = cardAt(0);
    const sold = await sell('first.basket', card, 'queue');
    expect(sold.code, sold.stdout + sold.stderr).to.equal(0);
    expect(sold.stderr).to.match(/^Pays 5 units to shop 0x.*, till 1\.\n {2}remaining now 20, then 15\n/);
    expect(sold.stderr).to.include('"4 for 2 kg of maize"');
    expect(JSON.parse(sold.stdout).posted).to.include({ redeemed: 1, waiting: 0 });
    expect([await remaining(0), statesIn('queue')]).to.deep.equal([15, ['redeemed']]);
    const owed = await done(
      'till',
      'owed',
      '--till',
      'till.json',
      '--token',
      'till.token',
      '--gateway',
      app.url,
    );
    expect(owed.stdout).to.match(
      /cycle 1: earned KES 1.25, paid KES 0.00, can be paid now KES 1.25, waits KES 0.00, disputed KES 0.00/,
    );
  });

  it('has no card sign what the ledger would not pay, and says why', async () => {
    await basket('vain.basket', 'rice=3');
    const vain = async (index: number) => {
      const told = await sell('vain.basket', cardAt(index), 'vain');
      expect(told.code, told.stdout + told.stderr).to.equal(1);
      expect(told.stderr).not.to.include('Pays 3 units');
      const { code, reason } = JSON.parse(told.stdout);
      return [code, reason] as const;
    };
    const of = { programme: aid.programme, enrolmentEpoch: EPOCH };
    const cardOf = (index: number) => {
      const { keyKind, keyId } = jsonIn(cardAt(index));
      return { keyKind, keyId };
    };
    await aid.act('/acts/cards', { ...of, index: 8, ...cardOf(8), standing: 'suspended', effectiveFrom: 0 });
    expect(await vain(8)).to.deep.equal(['sale-unpaid', unpaid('card-not-active')]);
    const next = cardShown(app.trust(), of, fromHex(named('a newer card')));
    await aid.act('/acts/cards', { ...of, index: 9, ...next, standing: 'active', effectiveFrom: 0 });
    expect((await vain(9))[0]).to.equal('card-replaced');
    await aid.act('/acts/vendors', { vendor: SHOP, standing: 'suspended', from: 0 });
    expect(await vain(10)).to.deep.equal(['sale-unpaid', unpaid('item-seller-not-active')]);
    await aid.act('/acts/vendors', { vendor: SHOP, standing: 'active', from: 0 });
    expect(JSON.parse((await sell('vain.basket', cardAt(10), 'vain')).stdout).posted.redeemed).to.equal(1);
  });

  it('reads to its person, by the card and its PIN, what is kept of her and what is left, in words', async () => {
    const card = cardAt(0);
    const read = (pin: string, ...more: readonly string[]) =>
      run(['card', 'read', '--card', card, ...TRUST, ...more], {
        KUDURRU_PIN: pin,
        KUDURRU_GATEWAY: app.url,
      });
    const told = await read(pinOf(card));
    expect(told.code, told.stdout + told.stderr).to.equal(0);
    expect(told.stdout).to.match(/^Kept of you as /);
    expect(told.stdout).to.match(/^Cycle 1 is released: 15 units left, to be spent from \d{1,2} \w+ \d{4}/m);
    // Who registered her card looked it up for that, and stands before her.
    expect(told.stdout).to.match(
      /^Read 2 times, newest first:\n {2}2 {2}.*The person herself, with the key of her card.*\n {2}1 {2}.*Agency of institution 1 read the card: to prepare/m,
    );
    expect(JSON.parse((await read(pinOf(card), '--json')).stdout).entitlements[0].remainingUnits).to.equal(
      15,
    );
    const wrong = pinOf(card) === '000000' ? '000001' : '000000';
    expect(JSON.parse((await read(wrong, '--json')).stdout).code).to.equal('pin-wrong');
  });

  it('signs nothing with another PIN, for another card, or beyond what remains', async () => {
    await basket('large.basket', 'a sack=21');
    await basket('small.basket', 'a handful=1');
    const codeOf = ({ code, stdout }: Ran) => [code, JSON.parse(stdout).code];
    const card = cardAt(1);
    expect(codeOf(await sell('large.basket', card, 'none'))).to.deep.equal([1, 'purchase-exceeds-remaining']);
    const wrong = pinOf(card) === '000000' ? '000001' : '000000';
    const args = ['till', 'sell', 'small.basket', '--card', card, ...selling('none'), '--yes', '--json'];
    expect(codeOf(await run(args, { KUDURRU_PIN: wrong }))).to.deep.equal([1, 'pin-wrong']);
    expect((await run(args.filter((arg) => arg !== '--yes'))).code, 'nobody to ask').to.equal(2);
    const bent = textOf('small.basket').replace('"units": 1', '"units": 2');
    writeFileSync(path.join(app.folder, 'bent.basket'), bent);
    expect(codeOf(await sell('bent.basket', card, 'none'))).to.deep.equal([2, 'purchase-malformed']);
    expect([existsSync(path.join(app.folder, 'none/queue.json')), await remaining(1)]).to.deep.equal([
      false,
      UNITS,
    ]);
  });

  it('lets a card of its own sign what a till asks, and takes no signature of anything else', async () => {
    const card = cardAt(2);
    await basket('asked.basket', 'oil=3');
    await done('till', 'sell', 'asked.basket', '--card', card, ...selling('apart'), '--ask', 'one.purchase');
    const bySelf = (purchase: string, with_: string, out: string) =>
      run(['card', 'sell', purchase, '--card', with_, '--out', out, '--yes', '--json'], {
        KUDURRU_PIN: pinOf(with_),
      });
    const other = await bySelf('one.purchase', cardAt(3), 'other.signed');
    expect(JSON.parse(other.stdout).code).to.equal('purchase-of-another-card');
    const signed = await bySelf('one.purchase', card, 'one.signed');
    expect([signed.code, signed.stderr.startsWith('Pays 3 units')]).to.deep.equal([0, true]);
    const ask = JSON.parse(textOf('one.purchase'));
    writeFileSync(
      path.join(app.folder, 'two.purchase'),
      textOf('one.purchase').replace(`"soldAt": ${ask.soldAt}`, `"soldAt": ${ask.soldAt + 1}`),
    );
    const hand = (purchase: string) =>
      sell('asked.basket', card, 'apart', '--purchase', purchase, '--signed', 'one.signed');
    expect(JSON.parse((await hand('two.purchase')).stdout).code).to.equal('sale-signature-differs');
    expect(JSON.parse((await hand('one.purchase')).stdout).posted.redeemed).to.equal(1);
    expect(await remaining(2)).to.equal(17);
  });

  it('goes on without contact on what it knows, and posts when there is contact again', async () => {
    const card = cardAt(4);
    await basket('far.basket', 'rice=2');
    const away = ['till', 'sell', 'far.basket', '--card', card, ...selling('far', NOBODY), '--yes', '--json'];
    const blind = await run(away, { KUDURRU_PIN: pinOf(card) });
    expect(JSON.parse(blind.stdout).code, 'it never saw the card').to.equal('entry-unknown');
    expect((await sell('far.basket', card, 'far', '--later')).code).to.equal(0);
    const second = await run(away, { KUDURRU_PIN: pinOf(card) });
    expect(JSON.parse(second.stdout), second.stderr).to.deep.include({ units: 2, remaining: 16 });
    expect(JSON.parse(second.stdout).posted).to.deep.include({ isOffline: true, waiting: 2 });
    expect([await remaining(4), statesIn('far')]).to.deep.equal([UNITS, ['posting', 'posting']]);
    const stranger = selling('far').map((one) => (one === 'till.token' ? 'kudurru_of_nobody' : one));
    const unknown = await run(['till', 'post', ...stranger]);
    const { message, remedy } = refusals['token-required'];
    expect([unknown.code, unknown.stdout], 'no verdict on the sales').to.deep.equal([
      1,
      `The batch waits (token-required): ${message} ${remedy}\nWaiting: 2\n`,
    ]);
    const nowhere = selling('far').map((one) => (one === 'till.token' ? 'no.token' : one));
    const missing = await run(['till', 'post', ...nowhere]);
    expect([missing.code, missing.stderr]).to.deep.equal([
      2,
      'no.token is not there: --token is a file with a token, or the token itself.\n',
    ]);
    cpSync(path.join(app.folder, 'far'), path.join(app.folder, 'copy'), { recursive: true });
    chmodSync(path.join(app.folder, 'copy'), 0o700);
    expect((await run(['till', 'post', ...selling('far', NOBODY)])).code, 'nobody answers').to.equal(2);
    const posted = JSON.parse((await done('till', 'post', ...selling('far'), '--json')).stdout);
    expect(posted).to.deep.include({ redeemed: 2, waiting: 0 });
    expect([await remaining(4), statesIn('far')]).to.deep.equal([16, ['redeemed', 'redeemed']]);
    expect((await done('till', 'post', ...selling('copy'))).stdout).to.equal(
      'Was redeemed before, and is paid once: 2\n',
    );
    expect(await remaining(4)).to.equal(16);
  });

  it('is killed between the sending and the answer, and what it sold is paid once', async () => {
    const card = cardAt(5);
    await basket('killed.basket', 'beans=6');
    expect((await sell('killed.basket', card, 'killed', '--later')).code).to.equal(0);
    // Hands the batch on, and never answers: the till cannot know.
    let handedOn: (status: number) => void = () => {};
    const received = new Promise<number>((resolve) => {
      handedOn = resolve;
    });
    const between = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const headers = Object.fromEntries(
        ['authorization', 'content-type', 'idempotency-key'].flatMap((name) => {
          const value = request.headers[name];
          return typeof value === 'string' ? [[name, value]] : [];
        }),
      );
      const { method = 'GET' } = request;
      const body = method === 'POST' ? { body: Buffer.concat(chunks) } : {};
      const told = await fetch(`${app.url}${request.url}`, { method, headers, ...body });
      if (method === 'POST') {
        handedOn(told.status);
        return;
      }
      response.writeHead(told.status, { 'Content-Type': told.headers.get('Content-Type') ?? '' });
      response.end(await told.text());
    });
    between.listen(0, '127.0.0.1');
    await once(between, 'listening');
    const { port } = between.address() as AddressInfo;
    const args = ['till', 'post', ...selling('killed', `http://127.0.0.1:${port}`)];
    const till = spawn(process.execPath, [COMMAND, ...args], {
      cwd: app.folder,
      env: { ...ENVIRONMENT, ...ENV },
      stdio: 'ignore',
    });
    const isTaken = await within(KILL_MS, 'the batch', received);
    till.kill('SIGKILL');
    await once(till, 'exit');
    between.closeAllConnections();
    between.close();
    expect([isTaken < 300, statesIn('killed')]).to.deep.equal([true, ['posting']]);
    const again = JSON.parse((await done('till', 'post', ...selling('killed'), '--json')).stdout);
    expect(again).to.deep.include({ redeemed: 1, waiting: 0 });
    expect([await remaining(5), statesIn('killed')]).to.deep.equal([14, ['redeemed']]);
    expect((await done('till', 'post', ...selling('killed'))).stdout).to.equal(
      'Nothing waits. Of this queue was redeemed before: 1\n',
    );
    const { batches } = jsonIn('killed/queue.json');
    expect(batches).to.deep.equal([]);
  });

  it('says of each sale why it was not redeemed, and keeps it', async () => {
    const card = cardAt(6);
    await basket('twice.basket', 'soap=2');
    expect((await sell('twice.basket', card, 'slow', '--later')).code).to.equal(0);
    // Other units: the same basket twice in one second would be one sale, which is paid once.
    await basket('other.basket', 'soap=3');
    expect(JSON.parse((await sell('other.basket', card, 'quick')).stdout).posted.redeemed).to.equal(1);
    // A busy ledger may take longer than one posting waits: then the next one goes on with it.
    let told = await run(['till', 'post', ...selling('slow')]);
    for (let tries = 1; told.code === 2 && tries < POSTINGS_MAX; tries++) {
      told = await run(['till', 'post', ...selling('slow')]);
    }
    const { message, remedy } = refusals['item-remaining-stale'];
    expect([told.code, told.stdout]).to.deep.equal([
      1,
      `Not redeemed, place 6 (item-remaining-stale): ${message} ${remedy}\n`,
    ]);
    const shown = await done('till', 'queue', '--till', 'till.json', '--queue', 'slow');
    expect(shown.stdout).to.match(
      /place 6 {2}2 units {2}skipped \(item-remaining-stale\)\nsigned 0, posting 0, .*skipped 1/,
    );
    expect(await remaining(6)).to.equal(17);
  });

  it('lets one command at a time use a queue, and takes it over from one that is gone', async () => {
    const lock = path.join(app.folder, 'queue/queue.lock');
    writeFileSync(lock, String(process.pid));
    const busy = await run(['till', 'queue', '--till', 'till.json', '--queue', 'queue', '--json']);
    expect(JSON.parse(busy.stdout).code).to.equal('till-queue-busy');
    const gone = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await once(gone, 'exit');
    writeFileSync(lock, String(gone.pid));
    expect((await run(['till', 'queue', '--till', 'till.json', '--queue', 'queue'])).code).to.equal(0);
    expect(existsSync(lock)).to.equal(false);
    rmSync(lock, { force: true });
  });

  it('printed no PIN and no key in all of this', () => {
    const text = printed.join('\n');
    const pins = cardFiles().map(pinOf);
    expect(pins.filter((pin) => new RegExp(`(?<!\\d)${pin}(?!\\d)`).test(text))).to.deep.equal([]);
    for (const name of cardFiles()) expect(text).not.to.include(jsonIn(`cards/${name}`).sealed.slice(2, 40));
  });
});
