/**
 * A person's own record: opened by the key of her card or her holding, once, for this ledger, and by nobody else with
 * anything else.
 */

import path from 'node:path';
import { expect } from 'chai';
import { demoParcels } from '../../../scripts/demoData.ts';
import { createKeyring } from '../../../scripts/keyring.ts';
import { cardKey } from '../../../server/domain/acts/signing.ts';
import type { TypedStruct } from '../../../server/domain/acts/typedData.ts';
import { type Bytes32, fromHex, type Hex } from '../../../server/domain/base/hex.ts';
import type { BAUnitId } from '../../../server/domain/base/terms.ts';
import type { OwnPlace } from '../../../server/domain/people/ownProof.ts';
import { readActFile } from '../../../server/domain/signer/actFile.ts';
import { pause } from '../../../server/ledger/provider.ts';
import { Aid, CYCLE, EPOCH, syntheticPeople } from '../../aid/aid.ts';
import { named } from '../../chain/signing.ts';
import {
  type ActTold,
  type App,
  freePort,
  headOf,
  OFFICERS,
  type Problem,
  startApp,
} from '../../gateway/app.ts';
import { relayAct } from '../../gateway/around.ts';
import { cardShown, heldIn } from '../../gateway/held.ts';
import { kudurru } from '../../gateway/kudurru.ts';
import { challenged, type Proof, proven } from '../../gateway/ownProof.ts';
import {
  HOLDER_KEY,
  HOLDER_SALT,
  prepareTransfer,
  registerUnits,
  sendPart,
} from '../../gateway/transfers.ts';

interface Line {
  readonly index: number;
  readonly actor: string;
  readonly purpose: string;
  readonly channel: string;
  readonly caseReference?: string;
}

interface OwnTold extends Problem {
  readonly records: readonly { readonly type: string; readonly fields: Readonly<Record<string, unknown>> }[];
  readonly entitlements: readonly { readonly cycle: number; readonly remainingUnits?: number }[];
  readonly titles: readonly {
    readonly baUnit: string;
    readonly numerator: string;
    readonly number?: string;
    readonly areaM2?: number;
    readonly restrictions: readonly { readonly words: string }[];
  }[];
  readonly access: { readonly total: number; readonly lines: readonly Line[] };
}

interface HeldTold {
  readonly state: {
    readonly rights: readonly {
      readonly holdings: readonly { holdingId: number; partyCommitment: string }[];
    }[];
  };
}

/** For an act of two officers to be carried out, on a machine that many share. */
const LOOKS_MAX = 200;
const LOOK_EVERY_MS = 200;

/** A registration as it is but for what its one holding commits to. */
function withCommitment(message: TypedStruct, partyCommitment: string): TypedStruct {
  const text = JSON.stringify(message, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
  const [old = expect.fail('no commitment')] = /(?<="partyCommitment":")0x[0-9a-f]{64}/.exec(text) ?? [];
  return JSON.parse(text.replaceAll(old, partyCommitment), (_, value) =>
    typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  );
}

describe('a person’s own record', function () {
  this.timeout(300_000);
  let app: App;
  let rpcPort: number;
  let aid: Aid;
  let unit: BAUnitId;
  let holdingId: number;
  before(async () => {
    rpcPort = await freePort();
    app = await startApp({ env: { KUDURRU_RPC_PORT: String(rpcPort) } });
    [unit] = (await registerUnits(app, 1)) as [BAUnitId];
    holdingId = await holdingNow();
    aid = new Aid(app, 'own data', ['own shop']);
    await aid.define();
    await aid.fund('1000');
    for (const vendor of aid.vendors) await aid.registerShop(vendor);
    const { body } = await aid.register(syntheticPeople(2));
    aid.people = body.people;
    await aid.act('/acts/enrolments', aid.enrolmentOf(aid.people));
    await aid.loadSlots();
    const places = `${aid.path}/enrolments/${EPOCH}/places`;
    aid.places = (await aid.ask<{ rows: Aid['places'] }>('GET', places)).body.rows;
    const roll = await aid.putRoll<{ root: string }>(
      aid.rollOf((index) => 9 - index),
      2,
      17,
    );
    await aid.openCycle(roll.body.root, 10n);
    await aid.loadUnits();
  });
  after(() => app?.remove());

  const card = (index: number): OwnPlace => ({
    ...{ kind: 'card', programme: aid.programme, enrolmentEpoch: EPOCH, index },
  });
  const cardKeyOf = (index: number) =>
    aid.keyOf(aid.places.find((one) => one.index === index)?.personId ?? '');

  const holding = (): OwnPlace => ({ kind: 'holding', baUnit: unit, holdingId });
  /** Who holds the unit as it stands. */
  const holdingNow = async () => {
    const token = await app.token('registrar', 1);
    const { body } = await app.ask<HeldTold>('GET', `/titles/${unit}`, { token });
    return body.state.rights[0]?.holdings[0]?.holdingId ?? 0;
  };

  const read = (body: object, token?: string) =>
    app.ask<OwnTold>('POST', '/own-data/readings', { body, ...(token === undefined ? {} : { token }) });
  const codeOf = async (proof: Proof) => (await read(await proven(app, proof))).body.code;

  it('is opened by her card: who she is, what is left to her, and who read it, this reading among them', async () => {
    const agency = await app.token('agency', 1);
    const clerk = { token: agency, headers: { 'X-Case-Reference': 'CASE-7' } };
    const person = `/people/${aid.places[0]?.personId}`;
    expect((await app.ask('GET', `${person}?purpose=eligibility`, clerk)).status).to.equal(200);
    const { index = 0 } = aid.places[0] ?? {};
    const body = await proven(app, { place: card(index), key: cardKeyOf(index) });
    const { status, text, body: told } = await read(body);
    expect(status, text).to.equal(200);
    expect(told.records.map(({ type }) => type).sort()).to.deep.equal(['card', 'person']);
    expect(text)
      .to.match(/Synthetic Person \d/)
      .and.to.include('SYNTHETIC-');
    expect(told.entitlements).to.have.length(1);
    expect(told.entitlements[0]).to.include({ cycle: CYCLE, remainingUnits: 9 - index });
    const [newest, before] = told.access.lines;
    expect(told.access.total, 'with the listing of who stands where').to.equal(3);
    expect(newest).to.include({
      ...{ actor: 'own:card', purpose: 'own-data', channel: 'view', caseReference: `own:${body.challenge}` },
    });
    expect(before).to.include({ purpose: 'eligibility', caseReference: 'CASE-7' });
    const log = await app.ask<{ rows: Line[] }>('GET', `${person}/access-log`, { token: agency });
    expect(log.body.rows[0]).to.include({ actor: 'own:card', purpose: 'own-data' });
  });

  it('is opened by the key of her holding: her titles, what was written of her, and who read it', async () => {
    const { status, text, body } = await read(
      await proven(app, { place: holding(), key: HOLDER_KEY, salt: HOLDER_SALT }),
    );
    expect(status, text).to.equal(200);
    expect(body.titles.map(({ baUnit, numerator }) => [baUnit, numerator])).to.deep.equal([[unit, '1']]);
    const [{ number, areaM2 = 0, restrictions } = expect.fail('no title')] = body.titles;
    expect([number !== undefined, areaM2 > 1, restrictions]).to.deep.equal([true, true, []]);
    expect(text).to.include('Synthetic Holder');
    expect(body.access.lines[0]).to.include({ actor: 'own:holding', purpose: 'own-data' });
    expect(body.entitlements).to.deep.equal([]);
  });

  it('tells the holder of land who of the land office read her name, for what and in which case', async () => {
    const headers = { 'X-Case-Reference': 'LAND-9' };
    const token = await app.token('registrar', 1);
    const holders = await app.ask('GET', `/titles/${unit}/holders`, { token, headers });
    expect(holders.text).to.include('Synthetic Holder');
    const by = { kind: 'name', name: 'synthetic holder' };
    const sought = { purpose: 'case-work', by };
    const found = await app.ask('POST', '/people/searches', { token, headers, body: sought });
    expect(found.text).to.include(unit);
    const { body } = await read(await proven(app, { place: holding(), key: HOLDER_KEY, salt: HOLDER_SALT }));
    const said = body.access.lines.slice(0, 3).map(({ purpose, caseReference }) => [purpose, caseReference]);
    expect(said.slice(1)).to.deep.equal([
      ['case-work', 'LAND-9'],
      ['registration', 'LAND-9'],
    ]);
    expect(said[0]?.[0]).to.equal('own-data');
  });

  it('is not opened by who states her commitment once more, under a key of another, around the gateway', async () => {
    const token = await app.token('registrar', 1);
    const file = { text: demoParcels({ count: 3 }), type: 'application/geo+json' };
    const { body: survey } = await app.ask<{ recorded: { baUnit: BAUnitId }[] }>('PUT', '/parcels?office=1', {
      ...{ token, file },
    });
    const [foreign = unit] = survey.recorded.map(({ baUnit }) => baUnit).filter((one) => one !== unit);
    const thief = fromHex(named('a thief’s key'));
    const key = heldIn(app.trust(), foreign, { privateKey: thief, salt: HOLDER_SALT });
    const kinds = { numerator: '1', partyKind: 'person', signer: 'own' };
    const holder = { ...kinds, ...key, party: { name: 'A Thief' } };
    const right = {
      kind: 'ownership',
      standing: 'absolute',
      tenancy: 'sole',
      denominator: '1',
      holders: [holder],
    };
    const title = { baUnit: foreign, origin: 'legacy', evidence: 'public-document', right };
    const body = { head: headOf(OFFICERS.preparer), titles: [title] };
    const { body: told } = await app.ask<ActTold>('POST', '/acts/registrations', { token, body });
    // The act of a colluding pair: the gateway's own, but for the commitment, which anybody reads from the chain.
    const victim = await app.ask<HeldTold>('GET', `/titles/${unit}`, { token });
    const { partyCommitment } = victim.body.state.rights[0]?.holdings[0] ?? expect.fail('nobody holds it');
    const act = structuredClone(readActFile(JSON.stringify(told.prepared)).act);
    const bent = Object.assign({}, act, { message: withCommitment(act.message, partyCommitment) });
    await relayAct(app, rpcPort, bent);
    const stolen = async () => (await app.ask<HeldTold>('GET', `/titles/${foreign}`, { token })).body.state;
    for (let looks = 0; looks < LOOKS_MAX && (await stolen()) === undefined; looks++)
      await pause(LOOK_EVERY_MS);
    const [held] = (await stolen()).rights[0]?.holdings ?? [];
    expect(held?.partyCommitment).to.equal(partyCommitment);
    const place: OwnPlace = { kind: 'holding', baUnit: foreign, holdingId: held?.holdingId ?? 0 };
    expect(await codeOf({ place, key: thief, salt: HOLDER_SALT })).to.equal('proof-not-by-key');
    const own = await read(await proven(app, { place: holding(), key: HOLDER_KEY, salt: HOLDER_SALT }));
    expect(own.body.titles.map(({ baUnit }) => baUnit)).to.deep.equal([unit]);
  });

  it('is opened once by one proof, whoever sends it again, and however often at once', async () => {
    const proof = await proven(app, { place: card(0), key: cardKeyOf(0) });
    const answers = await Promise.all([0, 1, 2, 3].map(() => read(proof)));
    expect(answers.filter(({ status }) => status === 200)).to.have.length(1);
    const again = await read(proof, await app.token('agency', 1));
    expect([again.status, again.body.code]).to.deep.equal([403, 'challenge-not-valid']);
  });

  it('is opened by nobody else’s key, and says the same of an entry that nobody has', async () => {
    const stranger = fromHex(named('a stranger’s key'));
    for (const [why, proof] of Object.entries({
      ...{ 'another person’s card': { place: card(0), key: cardKeyOf(1) } },
      ...{ 'a stranger': { place: card(0), key: stranger } },
      ...{ 'an index beyond the list': { place: card(99), key: cardKeyOf(0) } },
      ...{
        'another programme': { place: { ...card(0), programme: named('none') } as OwnPlace, key: stranger },
      },
      ...{ 'another holder': { place: holding(), key: stranger, salt: HOLDER_SALT } },
      ...{ 'another salt': { place: holding(), key: HOLDER_KEY, salt: named('another salt') as Bytes32 } },
      ...{ 'no salt': { place: holding(), key: HOLDER_KEY } },
      ...{
        'a holding there is none of': {
          ...{ place: { ...holding(), holdingId: 77 } as OwnPlace, key: HOLDER_KEY, salt: HOLDER_SALT },
        },
      },
      ...{ 'an older key of the card': { place: card(0), key: olderKey() } },
      ...{
        'another ledger': { place: card(0), key: cardKeyOf(0), ledgerNonce: named('a ledger') as Bytes32 },
      },
    }))
      expect(await codeOf(proof), why).to.equal('proof-not-by-key');
  });

  it('is opened by no challenge of another place, another gateway or another time', async () => {
    const other = await challenged(app, card(1));
    for (const [why, shown] of Object.entries({
      ...{ 'made up': { challenge: named('a challenge') } },
      ...{ 'of another entry': { challenge: other.challenge, deadline: Number(other.deadline) } },
      ...{ 'longer than it was given for': { deadline: Math.floor(Date.now() / 1000) + 9_999 } },
      ...{ 'long ago': { deadline: 1 } },
    }))
      expect(await codeOf({ place: card(0), key: cardKeyOf(0), shown }), why).to.equal('challenge-not-valid');
    const proof = await proven(app, { place: card(0), key: cardKeyOf(0) });
    expect(new Date(proof.deadline * 1000).getTime()).to.be.within(Date.now(), Date.now() + 300_000);
    await app.stop();
    app = await startApp({ folder: app.folder });
    aid.app = app;
    expect((await read(proof)).body.code, 'given before a start').to.equal('challenge-not-valid');
  });

  it('is tried a few times by one challenge, and no more', async () => {
    const proof = await proven(app, { place: card(0), key: cardKeyOf(0) });
    const stranger = await proven(app, { place: card(0), key: fromHex(named('a stranger’s key')) });
    const wrong = Object.assign({}, proof, { signature: stranger.signature });
    for (const code of [...Array<string>(3).fill('proof-not-by-key'), 'challenge-not-valid'])
      expect((await read(wrong)).body.code).to.equal(code);
    expect((await read(proof)).body.code, 'of who found the key').to.equal('challenge-not-valid');
    const again = await proven(app, { place: card(0), key: cardKeyOf(0) });
    expect((await read(Object.assign({}, again, { signature: stranger.signature }))).status).to.equal(403);
    expect((await read(again)).status, 'of who mistook herself once').to.equal(200);
  });

  it('is no clerk’s and no till’s to open, and what a card signs for a sale opens nothing', async () => {
    const person = `/people/${aid.places[0]?.personId}`;
    const headers = { 'X-Case-Reference': 'CASE-8' };
    for (const role of ['agency', 'steward'] as const) {
      const told = await app.ask('GET', `${person}?purpose=own-data`, {
        ...{ token: await app.token(role, 1), headers },
      });
      expect([told.status, told.body.code], role).to.deep.equal([403, 'own-data-unproved']);
    }
    const [vendor = expect.fail('no shop')] = aid.vendors;
    const token = await aid.tillToken(vendor);
    expect((await app.ask('GET', `${person}?purpose=own-data`, { token, headers })).status).to.equal(403);
    const sale = aid.batchOf(vendor, [{ index: 0, units: 1, remainingBefore: 9 }]);
    const words = sale.items.map((item) => item.slice(2)).join('');
    let tried = 0;
    for (let at = 0; at + 128 <= words.length; at += 64) {
      const signature = `0x${words.slice(at, at + 128)}` as Hex;
      const { challenge, deadline } = await challenged(app, card(0));
      const body = { place: card(0), challenge, deadline: Number(deadline), signature };
      expect((await read(body, token)).body.code).to.equal('proof-not-by-key');
      tried++;
    }
    expect(tried).to.be.greaterThan(1);
    // And her proof buys nothing: its signature in the place of the card's.
    const proof = await proven(app, { place: card(0), key: cardKeyOf(0) });
    const stolen = `0x${proof.signature.slice(2)}`;
    const bought = await aid.sell<Problem>({ ...sale, signature: stolen as Hex });
    expect(bought.status).to.not.be.oneOf([200, 202]);
    expect((await read(proof)).status, 'still hers').to.equal(200);
  });

  it('is read on the command line by the seed of a card, and no more by the card that it replaced', async () => {
    const PASSPHRASE = 'a synthetic passphrase';
    const folder = path.join(app.folder, 'ring');
    const ring = createKeyring(folder, PASSPHRASE, { logN: 10 });
    ring.create('my-card', 'seed');
    const of = { programme: aid.programme, enrolmentEpoch: EPOCH };
    const secret = cardKey(ring.seed('my-card'), { genesisHash: app.trust().genesisHash, ...of });
    const next = { ...cardShown(app.trust(), of, secret), standing: 'active', effectiveFrom: 0 };
    await aid.act('/acts/cards', { ...of, index: 1, ...next });
    expect(await codeOf({ place: card(1), key: cardKeyOf(1) })).to.equal('proof-not-by-key');
    const gateway = ['--gateway', app.url, '--trust', path.join(app.folder, 'data', 'trust.json'), '--json'];
    const run = (command: string, ...of: string[]) => {
      const args = [command, 'read', 'my-card', '--keys', folder, ...gateway, ...of];
      const { code, stdout, stderr } = kudurru(args, { KUDURRU_PASSPHRASE: PASSPHRASE });
      expect(stdout, stderr).to.match(/^\{/);
      return { code, told: JSON.parse(stdout) as OwnTold };
    };
    const onCard = ['--programme', aid.programme, '--epoch', String(EPOCH), '--index'];
    const own = run('card', ...onCard, '1');
    expect(own.code).to.equal(0);
    expect(own.told.records.map(({ type }) => type)).to.include('person');
    expect(own.told.entitlements[0]).to.include({ remainingUnits: 8 });
    for (const { code, told } of [
      run('card', ...onCard, '0'),
      run('holder', '--unit', unit, '--holding', String(holdingId)),
    ])
      expect([code, told.code]).to.deep.equal([1, 'proof-not-by-key']);
  });

  it('goes with the holding: who sold reads by its key who read her, and nothing of the record any more', async () => {
    const transfer = await prepareTransfer(app, unit);
    for (const part of ['preparer', 'consent', 'approver'] as const) await sendPart(app, part, transfer);
    let next = holdingId;
    for (let tries = 0; tries < LOOKS_MAX && next === holdingId; tries++) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      next = await holdingNow();
    }
    const former = await read(await proven(app, { place: holding(), key: HOLDER_KEY, salt: HOLDER_SALT }));
    expect([former.status, former.body.records, former.body.titles], former.text).to.deep.equal([
      200,
      [],
      [],
    ]);
    const { isAllAsking } = former.body as unknown as { isAllAsking: boolean };
    expect(isAllAsking, 'nothing was looked through').to.equal(false);
    expect(former.text).to.include('is no longer yours').and.not.to.include('Synthetic Holder');
    expect(former.body.access.lines[0]).to.include({ actor: 'own:holding', purpose: 'own-data' });
    expect(former.body.access.lines[0]).to.have.property('words').that.includes(' read who read her data: ');
    expect(former.body.access.lines.some(({ caseReference }) => caseReference === 'LAND-9')).to.equal(true);
    const stranger = fromHex(named('a stranger’s key'));
    for (const [key, salt] of [
      [stranger, HOLDER_SALT],
      [HOLDER_KEY, named('another salt') as Bytes32],
    ] as const)
      expect(await codeOf({ place: holding(), key, salt })).to.equal('proof-not-by-key');
    const bought = {
      place: { ...holding(), holdingId: next } as OwnPlace,
      key: HOLDER_KEY,
      salt: HOLDER_SALT,
    };
    expect((await read(await proven(app, bought))).status).to.equal(200);
  });

  it('of somebody without any key shows by a code on paper who read it, and nothing else', async () => {
    const token = await app.token('agency', 1);
    const headers = { 'X-Case-Reference': 'CASE-21' };
    const [{ personId } = expect.fail('nobody')] = (await aid.register(['S-77;Synthetic Unheld;2;Well'])).body
      .people;
    const place = `/people/${personId}`;
    await app.ask('GET', `${place}?purpose=contact`, { token, headers });
    const given = await app.ask<{ code: string }>('POST', `${place}/reading-codes`, { token, headers });
    expect(given.status, given.text).to.equal(201);
    const byCode = (code: string) => app.ask<OwnTold>('POST', '/own-data/code-readings', { body: { code } });
    const told = await byCode(given.body.code.toUpperCase().replaceAll('-', ' '));
    expect(told.status, told.text).to.equal(200);
    expect(
      told.body.access.lines.map(({ purpose, caseReference }) => [purpose, caseReference]),
    ).to.deep.equal([['contact', 'CASE-21']]);
    expect(told.text).not.to.include('Synthetic Unheld').and.not.to.include('S-77');
    const wrong = await byCode('4b75-6475-7272-7521-4b75-6475-7272-7521');
    expect([wrong.status, wrong.body.code]).to.deep.equal([403, 'reading-code-not-valid']);
    const other = await app.ask('POST', `${place}/reading-codes`, {
      ...{ token: await app.token('agency', 2), headers },
    });
    expect(other.body.code).to.equal('subject-missing');
    const said = kudurru(['holder', 'readings', '--gateway', app.url], { KUDURRU_SOUGHT: given.body.code });
    expect(said.stdout, said.stderr).to.match(
      /^Read 1 time, newest first:\n[^\n]*UTC {2}Agency of institution 1/,
    );
    for (let more = 0; more < 5; more++) await app.ask('POST', `${place}/reading-codes`, { token, headers });
    expect((await byCode(given.body.code)).body.code, 'the oldest of many').to.equal(
      'reading-code-not-valid',
    );
  });

  /** Of the same card, in an epoch before. */
  function olderKey(): Uint8Array {
    const { genesisHash } = app.trust();
    const seed = fromHex(named(`card of ${aid.places[0]?.personId}`));
    return cardKey(seed, { genesisHash, programme: aid.programme, enrolmentEpoch: EPOCH - 1 });
  }
});
