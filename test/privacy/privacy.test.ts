/**
 * BB1, whole: people and parcels whose every datum is a mark go through everything there is, good lines and bad, and
 * then every byte that anybody could read is searched for every mark, in clear and as an unsalted hash.
 */

import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { headOf, randomId } from '../../scripts/demo/officers.ts';
import { holdingKey, instrumentKey } from '../../server/domain/acts/signing.ts';
import type { BAUnitId, InstrumentId } from '../../server/domain/base/terms.ts';
import { askRpc, type Place, servedBlocks, storedByAccounts, storedRows } from '../chain/ledgerBytes.ts';
import { type App, freePort } from '../gateway/app.ts';
import { consentWith, type Played, playDemo, type Reopened, reopenDemo } from '../gateway/demo.ts';
import { heldIn, heldOn } from '../gateway/held.ts';
import { filesBelow } from '../server/store/folder.ts';
import { BadInput, type Description } from './badInput.ts';
import { copiedRows, joinedRows, rowsWith, wordsIn } from './copiedFolder.ts';
import { LINES_BEFORE_FEATURES, markedParcels, markedRegistrations, marks } from './marked.ts';
import { Needles } from './needles.ts';

const SEED = 20261124;
const PEOPLE = 30;
/** Lines that `markedRegistrations` spoils. */
const BAD_PEOPLE = 8;
const PARCELS = 20;
const SPARE_PARCELS = 3;
/** A dozen of every sort for each of fifty operations. */
const BAD_REQUESTS_AT_LEAST = 600;

const place = (name: string, content: string | Uint8Array): Place => ({
  name,
  bytes: Buffer.from(content as string),
});

describe('marked people, through the whole demonstration (BB1)', function () {
  this.timeout(300_000);
  const mark = marks(SEED + 1);
  const registrations = markedRegistrations(mark, PEOPLE);
  const parcels = markedParcels(mark, PARCELS, SPARE_PARCELS, SEED);
  const [seller, other, buyer] = [mark.party(), mark.party(), mark.party()];
  const terms = `${mark.name()} lends 250000`;
  const bad = new BadInput(marks(SEED + 2));
  /** As the demonstration calls them. */
  const holders = parcels.numbers.map(
    (number, i) => `SYNTHETIC HOLDER ${i + 1 + LINES_BEFORE_FEATURES} OF ${number}`,
  );

  let played: Played;
  let reopened: Reopened;
  let app: App;
  let needles: Needles;
  let certificate = '';
  let rpcUrl = '';
  const answers: Place[] = [];
  const published: Place[] = [];
  const told: Place[] = [];
  /** What anybody reads on the chain, to hold against a copied folder. */
  const chainWords = new Set<string>();
  let bytesSearched = 0;
  let placesSearched = 0;

  async function expectNothingIn(places: Iterable<Place> | AsyncIterable<Place>): Promise<void> {
    const leaks: string[] = [];
    for await (const { name, bytes } of places) {
      placesSearched++;
      bytesSearched += bytes.length;
      for (const { value, form, at } of needles.findIn(bytes))
        leaks.push(`${name} at ${at}: ${value} (${form})`);
    }
    expect(leaks.slice(0, 20), `${leaks.length} leaks`).to.deep.equal([]);
  }

  before(() => {
    played = playDemo({ parcels: parcels.text, registrations: registrations.text }, { KUDURRU_LOG: 'trace' });
    needles = new Needles([
      ...[...registrations.values, ...parcels.values, ...bad.values, ...holders, terms],
      ...[seller, other, buyer].flatMap((party) => Object.values(party)),
      ...[
        'SYNTHETIC BUYER',
        'SYNTHETIC SECOND BUYER',
        'SYNTHETIC 250000 KES',
        'SYNTHETIC HOLDER',
        'SYNTHETIC CLAIM',
      ],
    ]);
  });
  after(async () => {
    console.log(`      places searched | ${placesSearched} | ${bytesSearched} bytes`);
    await app?.stop();
    if (played !== undefined) rmSync(played.folder, { recursive: true, force: true });
  });

  it('are registered and enrolled, but for the lines that cannot be', () => {
    const { parcels: land, programme, fsck } = played.summary;
    expect(land).to.include({ read: PARCELS + 7, registered: PARCELS });
    expect(programme.enrolled).to.equal(PEOPLE);
    expect(new Set(played.summary.registrations.refused.map(({ line }) => line)).size).to.equal(BAD_PEOPLE);
    expect(fsck.ok).to.equal(true);
  });

  it('come to a registrar, who registers, sells and mortgages in their names', async () => {
    const temporary = path.join(played.folder, 'tmp');
    mkdirSync(temporary);
    const rpcPort = await freePort();
    rpcUrl = `http://127.0.0.1:${rpcPort}`;
    const env = { KUDURRU_LOG: 'trace', KUDURRU_RPC_PORT: String(rpcPort), TMPDIR: temporary };
    reopened = await reopenDemo(played.folder, env);
    app = reopened.app;
    const { land, ring, trust } = reopened;
    const { genesisHash } = trust;
    const registrar = land.preparer.client;
    const bytes = new TextEncoder().encode(parcels.spare);
    const { recorded } = await registrar.ask<{ recorded: { baUnit: BAUnitId }[] }>('/parcels?office=1', {
      method: 'PUT',
      file: { bytes, type: 'application/geo+json' },
    });
    const [first, second] = recorded.map(({ baUnit }) => baUnit);
    if (first === undefined || second === undefined) throw new Error('parcels to register');
    const seed = ring.seed('holders');
    const keyOf = (baUnit: BAUnitId, holdingId: number) =>
      holdingKey(seed, { genesisHash, baUnit, holdingId });
    const holder = (baUnit: BAUnitId, holdingId: number, party: object, numerator = '1') => ({
      ...{ numerator, partyKind: 'person', signer: 'own', party },
      ...heldIn(trust, baUnit, keyOf(baUnit, holdingId), holdingId),
    });
    const title = (baUnit: BAUnitId, some: readonly object[]) => ({
      ...{ baUnit, origin: 'legacy', evidence: 'public-document' },
      right: {
        ...{ kind: 'ownership', standing: 'absolute', tenancy: some.length > 1 ? 'common' : 'sole' },
        ...{ denominator: String(some.length), holders: some },
      },
    });
    const titles = [
      title(first, [holder(first, 2, seller)]),
      title(second, [holder(second, 2, seller), holder(second, 3, other)]),
    ];
    const registration = { head: headOf(land.preparer), titles };
    await land.record('/acts/registrations', registration);
    const sale = {
      rightId: 1,
      tenancy: 'sole',
      denominator: '1',
      staying: [],
      joining: [holder(first, 3, buyer)],
    };
    await land.record('/acts/transfers', { baUnit: first, ...sale }, consentWith(keyOf(first, 2)));
    const instrumentId = randomId() as InstrumentId;
    const lender = instrumentKey(seed, { genesisHash, instrumentId });
    const mortgage = {
      ...{ kind: 'mortgage', baUnits: [first], targetRight: 1, rank: 1, expiresOn: 0 },
      ...{ ...heldOn(trust, instrumentId, lender), blocks: ['transfer'], needsConsent: [] },
      terms: [{ path: 'principal', value: terms }],
    };
    await land.record('/acts/restrictions', mortgage, consentWith(keyOf(first, 3)));
    certificate = await registrar.text(`/titles/${first}/certificate`, { caseReference: 'CASE-1' });
    const token = await app.token('registrar', 1);
    for (const [place_, body] of [
      ['/acts/registrations', { ...registration, head: headOf(land.preparer) }],
      ['/acts/transfers', { head: headOf(land.preparer), baUnit: first, ...sale, rightId: 9 }],
      ['/acts/restrictions', { head: headOf(land.preparer), ...mortgage, baUnits: [randomId()] }],
    ] as const) {
      const refused = await app.ask('POST', place_, { token, body });
      expect(refused.status, refused.text).to.be.greaterThan(399);
      answers.push(place(`refusal of ${place_}`, refused.text));
    }
  });

  it('are in their certificate by the facts it states of who holds now, and in nothing else of it', () => {
    const named = new Set(needles.findIn(Buffer.from(certificate)).map(({ value }) => value));
    expect([...named].sort()).to.deep.equal([buyer.idNumber, buyer.name, terms].sort());
    const ofDemo = readFileSync(played.summary.certificate);
    expect([...new Set(needles.findIn(ofDemo).map(({ value }) => value))]).to.deep.equal(['SYNTHETIC BUYER']);
  });

  it('are told to who has a purpose and a case, so the vault has them', async () => {
    const token = await app.token('agency', 2);
    const programmes = await app.ask<{ rows: { programme: string }[] }>('GET', '/programmes', { token });
    const of = `/programmes/${programmes.body.rows[0]?.programme}`;
    const { body } = await app.ask<{ rows: { personId: string }[] }>('GET', `${of}/enrolments/1/places`, {
      token,
    });
    const names = new Set<string>();
    for (const { personId } of body.rows) {
      const headers = { 'X-Case-Reference': 'CASE-1' };
      const shown = await app.ask('GET', `/people/${personId}?purpose=eligibility`, { token, headers });
      for (const { value } of needles.findIn(Buffer.from(shown.text))) names.add(value);
    }
    expect(body.rows).to.have.length(PEOPLE);
    expect(names.size).to.be.greaterThan(3 * PEOPLE);
  });

  it('are sent where they do not belong, to every operation there is', async () => {
    const { body: description } = await app.ask<Description>('GET', '/openapi.json');
    let refused = 0;
    const shops = await app.ask<{ rows: { vendor: string; institution: number }[] }>('GET', '/vendors', {
      token: await app.token('auditor', 0),
    });
    const [shop] = shops.body.rows;
    if (shop === undefined) throw new Error('a shop of the demonstration');
    const shopkeeper = app.token('vendor', shop.institution, 'first', { vendor: shop.vendor });
    for (const { name, method, place: where, role, headers, file } of bad.requests(description)) {
      const token = await (role === 'vendor' ? shopkeeper : role && app.token(role, 1));
      const answer = await app.ask(method, where, { token, headers, ...(file && { file }) });
      expect(answer.status, `${method} ${name}`).to.be.lessThan(500);
      if (answer.status >= 400) refused++;
      answers.push(place(`${method} ${name}`, `${[...answer.headers].join('\n')}\n${answer.text}`));
    }
    expect(refused).to.be.greaterThan(BAD_REQUESTS_AT_LEAST);
    const token = await app.token('registrar', 1);
    const again = { text: parcels.text, type: 'application/geo+json' };
    const twice = await app.ask('PUT', '/parcels?office=1', { token, file: again });
    answers.push(place('parcels that are registered', twice.text));
    console.log(`      bad requests | ${answers.length} sent | ${refused} refused`);
  });

  it('are in no answer to any of that', async () => {
    await expectNothingIn(answers);
  });

  it('are sent to the listener of the chain, which repeats none of it', async () => {
    const said: Place[] = [];
    for (const [body, type] of badCalls(bad.values))
      said.push(place(`rpc ${body}`, await askRpc(rpcUrl, body, type)));
    await expectNothingIn(said);
  });

  it('are in no block, header, receipt, log, code or proof the chain serves', async () => {
    const noted = async function* () {
      for await (const served of servedBlocks(rpcUrl)) {
        for (const word of wordsIn(Buffer.from(served.bytes).toString('latin1'))) chainWords.add(word);
        yield served;
      }
    };
    await expectNothingIn(noted());
  });

  it('are in no page and no public answer', async () => {
    for (const token of [undefined, await app.token('auditor', 0)]) {
      for (const page of [
        '/',
        '/metrics',
        '/health/ready',
        '/ledger',
        '/entries',
        '/titles',
        '/officers',
        '/programmes',
      ]) {
        const answer = await app.ask('GET', page, { token });
        published.push(place(`GET ${page}`, answer.text));
      }
    }
    await expectNothingIn(published);
  });

  it('are in nothing that was printed or logged', async () => {
    told.push(
      place('log after the restart', app.logged()),
      place('output', played.ran.stdout),
      place('errors', played.ran.stderr),
    );
    await expectNothingIn(told);
  });

  it('are in no file the demonstration and the gateway left', async () => {
    await app.stop();
    const files = filesBelow(played.folder).map(({ path: name, bytes }) => ({
      name: path.relative(played.folder, name),
      bytes,
    }));
    const isGiven = (name: string) => ['parcels', 'registrations', 'certificate.json'].includes(name);
    await expectNothingIn(files.filter(({ name }) => !isGiven(name)));
  });

  it('are in no row of any table', async () => {
    await expectNothingIn(storedRows(path.join(played.folder, 'data')));
  });

  it('are joined to no word of the chain, nor to each other, by a copy without its keys', async () => {
    const data = path.join(played.folder, 'data');
    const rows = copiedRows(data);
    const [named, joined] = [rowsWith(chainWords, rows), joinedRows(rows)];
    const found = `${named.length} named, ${joined} joined`;
    console.log(
      `      keyless copy | ${rows.length} rows | ${chainWords.size} words of the chain tried | ${found}`,
    );
    expect(chainWords.size).to.be.greaterThan(1_000);
    expect([named.map(({ table }) => table), joined]).to.deep.equal([[], 0]);
  });

  it('are in nothing that any account of the chain ever stored', async () => {
    await expectNothingIn(storedByAccounts(path.join(played.folder, 'data')));
  });
});

/** Calls that no node answers, with something personal in each place. */
function* badCalls(values: readonly string[]): Generator<[body: string, type: string]> {
  let turn = 0;
  const next = () => values[turn++ % values.length] ?? '';
  const call = (method: unknown, params: unknown, id: unknown = 1) =>
    JSON.stringify({ jsonrpc: '2.0', id, method, params });
  for (const type of ['application/json', `text/${next().replaceAll(/\W/g, '')}`]) {
    yield [`{"${next()}":"${next()}"`, type];
    yield [call(next(), [next()]), type];
    yield [call('eth_sendRawTransaction', [next()]), type];
    yield [call('eth_sendRawTransaction', [`0x02${Buffer.from(next()).toString('hex')}`]), type];
    for (const method of [
      'eth_call',
      'eth_estimateGas',
      'eth_getLogs',
      'eth_getTransactionByHash',
      'eth_getCode',
    ]) {
      yield [call(method, [next(), next(), next()]), type];
      yield [call(method, [{ to: next(), data: next(), [next()]: next() }, 'latest']), type];
      yield [call(method, [{ address: next(), topics: [next()] }]), type];
    }
    yield [call('eth_getBlockByNumber', [next(), next()]), type];
    yield [call('eth_getProof', [next(), [next()], 'latest']), type];
    yield [call('kudurru_finality', [next()]), type];
    yield [JSON.stringify([next(), { [next()]: next() }]), type];
  }
}
