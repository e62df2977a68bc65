/** A person's own record by keys of other kinds: the passkey of her holding, and the key of the charge that she lent on. */

import { createHash } from 'node:crypto';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { demoParcels } from '../../../scripts/demoData.ts';
import { createKeyring } from '../../../scripts/keyring.ts';
import { instrumentKey, keyHashOf } from '../../../server/domain/acts/signing.ts';
import { digestOf } from '../../../server/domain/acts/typedData.ts';
import { readCertificate } from '../../../server/domain/audit/certificate.ts';
import {
  type Bytes32,
  fromHex,
  type Hex,
  toHex,
  ZERO_32,
  ZERO_ADDRESS,
} from '../../../server/domain/base/hex.ts';
import { refusal } from '../../../server/domain/base/refusal.ts';
import type { BAUnitId, InstrumentId } from '../../../server/domain/base/terms.ts';
import { fromJson, toMessage } from '../../../server/domain/land/codec.ts';
import { SIGNING_RELYING_PARTY_POLICY } from '../../../server/domain/land/policies.ts';
import { heldByHolder } from '../../../server/domain/people/heldKeys.ts';
import type { OwnPlace } from '../../../server/domain/people/ownProof.ts';
import { readActFile } from '../../../server/domain/signer/actFile.ts';
import { assertion, passkeyOf, RELYING_PARTY } from '../../campaign/passkeys.ts';
import { named } from '../../chain/signing.ts';
import {
  type ActTold,
  type App,
  freePort,
  headOf,
  OFFICERS,
  type Problem,
  preparationBy,
  startApp,
} from '../../gateway/app.ts';
import { relayAct } from '../../gateway/around.ts';
import { heldOn } from '../../gateway/held.ts';
import { kudurru } from '../../gateway/kudurru.ts';
import { type Proof, proven } from '../../gateway/ownProof.ts';

const HOLDER = 'Synthetic Passkey Holder';
const LENDER = 'Synthetic Lender';
const SALT = named('salt of a passkey') as Bytes32;
const PASSPHRASE = 'a synthetic passphrase';
const INSTRUMENT = named('an instrument') as InstrumentId;
const passkey = passkeyOf('a holder', 'webauthn', ZERO_ADDRESS);
const point = toHex(passkey.point);
const DAY_SECONDS = 86_400;
/** For an act to be shown that somebody else relayed. */
const LOOKS_MAX = 100;
const LOOK_EVERY_MS = 100;

interface OwnTold extends Problem {
  readonly records: readonly { readonly type: string; readonly fields: Record<string, unknown> }[];
  readonly titles: readonly { readonly baUnit: string }[];
  readonly restrictions: readonly Record<string, unknown>[];
  readonly access: { readonly total: number; readonly lines: readonly Record<string, unknown>[] };
}

describe('a person’s own record, by keys of other kinds', function () {
  this.timeout(300_000);
  let app: App;
  let rpcPort: number;
  let units: readonly BAUnitId[];
  /** Held with another; nothing of it is there before its test. */
  let shared: BAUnitId | undefined;
  let holdingId: number;
  let lender: ReturnType<typeof instrumentKey>;
  let seed: Uint8Array;
  let folder: string;

  const keyHash = keyHashOf(SALT, 'webauthn', point);
  const digestFor = (baUnit: BAUnitId) => fromHex(digestOf(heldByHolder(app.trust(), { baUnit, keyHash })));
  const possessionOf = (baUnit: BAUnitId) => ({
    ...{ salt: SALT, signature: toHex(assertion(passkey, digestFor(baUnit))), passkey: point, holdingId: 2 },
  });
  const kinds = { numerator: '1', partyKind: 'person', signer: 'own' };
  const holderOf = (possession: object, party: object = { name: HOLDER }) => ({
    ...{ ...kinds, keyHash, possession, party },
  });
  const titleOf = (baUnit: BAUnitId, possession: object = possessionOf(baUnit)) => ({
    ...{ baUnit, origin: 'legacy', evidence: 'public-document' },
    right: {
      ...{ kind: 'ownership', standing: 'absolute', tenancy: 'sole', denominator: '1' },
      holders: [holderOf(possession)],
    },
  });
  const NOBODY = { instrumentId: INSTRUMENT, holderKeyHash: ZERO_32 };
  const caution = (baUnit: string, key: object, terms: readonly object[]) => ({
    ...{ kind: 'caution', baUnits: [baUnit], targetRight: 1, rank: 0, ...key },
    ...{ blocks: [], needsConsent: [], terms },
    expiresOn: Math.floor(Date.now() / 1000) + 30 * DAY_SECONDS,
  });
  const stateOf = async (unit: string) => {
    type Told = {
      state: {
        rights: { holdings: { holdingId: number }[] }[];
        notices: { restrictionId: number; termsCommitment: string }[];
      };
    };
    const token = await app.token('registrar', 1);
    return (await app.ask<Told>('GET', `/titles/${unit}`, { token })).body.state;
  };

  /** Recorded around the gateway, as an institution's own program may: with what this gateway's routes never state. */
  const lodgeBent = async (unit: BAUnitId, told: ActTold, bent: object) => {
    const { act } = readActFile(JSON.stringify(told.prepared));
    const message = structuredClone(act.message);
    Object.assign(message.restriction as object, bent);
    const prior = fromJson('BAUnitState', await stateOf(unit), '', () => refusal('act-missing'));
    await relayAct(app, rpcPort, { ...act, message }, [[toMessage('BAUnitState', prior)]]);
    const lodged = async () => (await stateOf(unit)).notices.at(0);
    for (let looks = 0; looks < LOOKS_MAX && (await lodged()) === undefined; looks++)
      await pause(LOOK_EVERY_MS);
    return lodged();
  };

  before(async () => {
    const value = BigInt(toHex(RELYING_PARTY));
    rpcPort = await freePort();
    app = await startApp({
      policies: [{ name: SIGNING_RELYING_PARTY_POLICY, value }],
      verifiers: ['webauthn'],
      env: { KUDURRU_RPC_PORT: String(rpcPort) },
    });
    folder = path.join(app.folder, 'ring');
    const ring = createKeyring(folder, PASSPHRASE, { logN: 10 });
    ring.create('my-claims', 'seed');
    seed = ring.seed('my-claims');
    lender = instrumentKey(seed, { genesisHash: app.trust().genesisHash, instrumentId: INSTRUMENT });
    const token = await app.token('registrar', 1);
    const file = { text: demoParcels({ count: 3 }), type: 'application/geo+json' };
    const survey = await app.ask<{ recorded: { baUnit: BAUnitId }[] }>('PUT', '/parcels?office=1', {
      ...{ token, file },
    });
    [, , shared] = units = survey.body.recorded.map(({ baUnit }) => baUnit);
    units = units.slice(0, 2);
    await app.act('registrar', '/acts/registrations', { titles: units.map((unit) => titleOf(unit)) });
    holdingId = (await stateOf(units[0] ?? '')).rights[0]?.holdings[0]?.holdingId ?? 0;
    const terms = [{ path: 'claimant', value: LENDER }];
    await app.act(
      'registrar',
      '/acts/restrictions',
      caution(units[0] ?? '', heldOn(app.trust(), INSTRUMENT, lender), terms),
    );
  });
  after(() => app?.remove());

  const holding = (): OwnPlace => ({ kind: 'holding', baUnit: units[0] as BAUnitId, holdingId });
  const notice = async (unit = units[0] as BAUnitId): Promise<OwnPlace> => {
    const [one] = (await stateOf(unit)).notices;
    return { kind: 'restriction', baUnit: unit, restrictionId: one?.restrictionId ?? 0 };
  };
  const read = (body: object) => app.ask<OwnTold>('POST', '/own-data/readings', { body });
  const byPasskey = (relyingParty?: Uint8Array, shown: object = { passkey: point }): Proof => ({
    ...{ place: holding(), key: passkey.privateKey, salt: SALT, shown },
    sign: (digest) => toHex(assertion(passkey, fromHex(digest), relyingParty)),
  });

  it('begins with a passkey that answered the ledger’s own relying party that it is held, and no other', async () => {
    const unit = units[1] as BAUnitId;
    const digest = digestFor(unit);
    const other = passkeyOf('somebody else', 'webauthn', ZERO_ADDRESS);
    const token = await app.token('registrar', 1);
    const ask = async (signature: Uint8Array, shown: object) => {
      const possession = { salt: SALT, signature: toHex(signature), holdingId: 2, ...shown };
      const title = titleOf(unit, possession);
      const body = { head: headOf(OFFICERS.preparer), titles: [title] };
      return (await app.ask<Problem>('POST', '/acts/registrations', { token, body })).body.code;
    };
    // The unit is registered: a proof that holds comes as far as the register's own rules.
    expect(await ask(assertion(passkey, digest), { passkey: point })).to.equal('ba-unit-id-used');
    const shop = createHash('sha256').update('shop.example').digest();
    for (const [signature, shown] of [
      [assertion(passkey, digest, shop), { passkey: point }],
      [assertion(other, digest), { passkey: point }],
      [assertion(other, digest), { passkey: toHex(other.point) }],
      [assertion(passkey, fromHex(named('another unit'))), { passkey: point }],
      [assertion(passkey, digest), {}],
    ] as const) {
      expect(await ask(signature, shown)).to.equal('key-not-held');
    }
  });

  it('is opened by the passkey of her holding, for the relying party of the ledger and no other', async () => {
    const told = await read(await proven(app, byPasskey()));
    expect(told.status, told.text).to.equal(200);
    expect(told.text).to.include(HOLDER);
    expect(told.body.titles.map(({ baUnit }) => baUnit)).to.have.members(
      units.filter((unit) => told.body.titles.some(({ baUnit }) => baUnit === unit)),
    );
    expect(told.body.titles.map(({ baUnit }) => baUnit)).to.include(units[0]);
    const other = passkeyOf('somebody else', 'webauthn', ZERO_ADDRESS);
    for (const [why, proof] of Object.entries({
      'another relying party': byPasskey(createHash('sha256').update('shop.example').digest()),
      'another passkey shown': byPasskey(undefined, { passkey: toHex(other.point) }),
      'the bare key behind the passkey': {
        ...{ place: holding(), key: passkey.privateKey, salt: SALT },
        sign: (digest: Bytes32) => `${toHex(assertion(passkey, fromHex(digest)))}` as Hex,
      },
      'somebody else’s passkey': {
        ...{ place: holding(), key: other.privateKey, salt: SALT, shown: { passkey: toHex(other.point) } },
        sign: (digest: Bytes32) => toHex(assertion(other, fromHex(digest))),
      },
      'an assertion over something else': {
        ...byPasskey(),
        sign: () => toHex(assertion(passkey, fromHex(named('another challenge')))),
      },
    })) {
      expect((await read(await proven(app, proof))).body.code, why).to.equal('proof-not-by-key');
    }
  });

  it('is opened by the key of a charge or notice to who holds it: what it says, how it stands, who read it', async () => {
    const proof = { place: await notice(), key: lender.privateKey, salt: lender.salt };
    const told = await read(await proven(app, proof));
    expect(told.status, told.text).to.equal(200);
    expect(told.text).to.include(LENDER);
    expect(told.text, 'the holder’s facts are not hers').not.to.include(HOLDER);
    expect(told.body.restrictions).to.have.length(1);
    expect(told.body.restrictions[0]).to.include({ baUnit: units[0], kind: 'caution', targetRight: 1 });
    expect([told.body.titles, told.body.access.lines[0]?.purpose]).to.deep.equal([[], 'own-data']);
    const stranger = fromHex(named('a stranger’s key'));
    const place = await notice();
    for (const [why, other] of Object.entries({
      'a stranger': { place, key: stranger, salt: lender.salt },
      'another salt': { place, key: lender.privateKey, salt: SALT },
      'no salt': { place, key: lender.privateKey },
      'a restriction there is none of': {
        ...{ place: { ...place, restrictionId: 77 } as OwnPlace, key: lender.privateKey, salt: lender.salt },
      },
      'the holding': { place: holding(), key: lender.privateKey, salt: lender.salt },
    })) {
      expect((await read(await proven(app, other))).body.code, why).to.equal('proof-not-by-key');
    }
  });

  it('is not opened by who states her terms once more, under a key of theirs, around the gateway', async () => {
    const thief = fromHex(named('key of a thief'));
    const key = { privateKey: thief, salt: SALT };
    const instrument = named('another instrument') as InstrumentId;
    const token = await app.token('registrar', 1);
    const theirs = caution(units[1] ?? '', heldOn(app.trust(), instrument, key), [
      { path: 'claimant', value: 'Synthetic Thief' },
    ]);
    const { body: told } = await app.ask<ActTold>('POST', '/acts/restrictions', {
      token,
      body: { head: headOf(OFFICERS.preparer), ...theirs },
    });
    const [hers] = (await stateOf(units[0] ?? '')).notices;
    const lodged = await lodgeBent(units[1] as BAUnitId, told, { termsCommitment: hers?.termsCommitment });
    expect(lodged?.termsCommitment).to.equal(hers?.termsCommitment);
    const place = await notice(units[1] as BAUnitId);
    for (const where of [place, await notice()]) {
      const refused = await read(await proven(app, { place: where, key: thief, salt: SALT }));
      expect(refused.body.code).to.equal('proof-not-by-key');
    }
  });

  it('is certified with the title, as it was', async () => {
    const told = await app.ask('GET', `/titles/${units[0]}/certificate`, {
      token: await app.token('registrar', 1),
      headers: { 'X-Case-Reference': 'CASE-1' },
    });
    expect([told.text.includes(HOLDER), told.text.includes(LENDER)]).to.deep.equal([true, true]);
  });

  it('is read on the command line by the seed that the claim’s key derives from', async () => {
    const place = await notice();
    if (place.kind !== 'restriction') return expect.fail('a notice');
    const trust = path.join(app.folder, 'data', 'trust.json');
    const args = ['lender', 'read', 'my-claims', '--keys', folder, '--gateway', app.url, '--trust', trust];
    const of = ['--unit', place.baUnit, '--restriction', String(place.restrictionId)];
    const run = (instrument: string) =>
      kudurru([...args, ...of, '--instrument', instrument, '--json'], { KUDURRU_PASSPHRASE: PASSPHRASE });
    const { code, stdout, stderr } = run(INSTRUMENT);
    expect(code, stderr).to.equal(0);
    expect(stdout).to.include(LENDER);
    expect(JSON.parse(run(named('another')).stdout).code).to.equal('proof-not-by-key');
  });

  it('says nothing of a notice without a key, to anybody', async () => {
    await app.act('registrar', '/acts/restrictions', {
      ...caution(units[1] ?? '', NOBODY, [{ path: 'reason', value: 'a synthetic dispute' }]),
      instrumentId: named('a third instrument'),
    });
    const { notices } = await stateOf(units[1] ?? '');
    const restrictionId = Math.max(...notices.map((one) => one.restrictionId));
    const place: OwnPlace = { kind: 'restriction', baUnit: units[1] as BAUnitId, restrictionId };
    const told = await read(await proven(app, { place, key: lender.privateKey, salt: ZERO_32 }));
    expect(told.body.code).to.equal('proof-not-by-key');
    const act = await app.ask<ActTold>('POST', '/acts/restrictions', {
      token: await app.token('registrar', 1),
      body: { head: headOf(OFFICERS.preparer), ...caution(units[1] ?? '', NOBODY, []) },
    });
    expect(act.body).to.be.an('object');
  });

  it('finds the acts that ask her consent, opens them to her alone, and takes her consent from nobody’s token', async () => {
    const unit = units[0] as BAUnitId;
    const saleTo = async (name: string) => {
      const told = await app.ask<ActTold>('POST', '/acts/transfers', {
        token: await app.token('registrar', 1),
        body: {
          ...{ head: headOf(OFFICERS.preparer), baUnit: unit, rightId: 1, tenancy: 'sole', denominator: '1' },
          ...{ staying: [], joining: [{ ...kinds, keyHash: ZERO_32, party: { name } }] },
        },
      });
      expect(told.status, told.text).to.equal(201);
      return told;
    };
    const sale = await saleTo('Synthetic Buyer');
    interface Asking {
      readonly asking: readonly { readonly act: string; readonly kind: string; readonly place: number }[];
    }
    const askingHer = async () => (await read(await proven(app, byPasskey()))) as unknown as { body: Asking };
    const opening = async (proof: Proof, act: string = sale.body.id) =>
      app.ask<Problem & { prepared: object }>('POST', '/own-data/acts', {
        body: { ...(await proven(app, proof)), act },
      });
    // Whoever has a token makes a draft: until an officer signs it, it asks nobody and opens nobody's name.
    expect((await askingHer()).body.asking, 'a draft').to.deep.equal([]);
    expect((await opening(byPasskey())).body.code, 'a draft').to.equal('act-missing');
    const signing = await app.ask('POST', `/acts/${sale.body.id}/signatures`, {
      token: await app.token('registrar', 1),
      body: preparationBy(OFFICERS.preparer, sale.body),
    });
    expect(signing.status, signing.text).to.equal(201);
    const { asking } = (await askingHer()).body;
    expect(asking.map(({ act, kind, place }) => [act, kind, place])).to.deep.equal([
      [sale.body.id, 'transfer-right', 0],
    ]);

    const opened = await opening(byPasskey());
    expect(opened.status, opened.text).to.equal(200);
    expect(opened.text).to.include('Synthetic Buyer');
    expect((await opening(byPasskey(), named('no act'))).body.code).to.equal('act-missing');
    const ofLender = { place: await notice(), key: lender.privateKey, salt: lender.salt };
    expect((await opening(ofLender)).body.code, 'who is not asked').to.equal('act-missing');

    // Who opened it, and why, is in her list in words that are true of others as well.
    const lines = (await read(await proven(app, byPasskey()))).body.access.lines as readonly {
      readonly actor: string;
      readonly purpose: string;
      readonly words: string;
    }[];
    const line = lines.find(({ actor }) => actor === 'asked:holding');
    expect(line?.purpose).to.equal('registration');
    expect(line?.words).to.include('Somebody whose consent the act asks for').and.to.include('transfer');

    const deadline = BigInt(Math.floor(Date.now() / 1000) + DAY_SECONDS);
    const times = { notBefore: 0, deadline: Number(deadline), mandateCommitment: ZERO_32 };
    const consent = ({ id, prepared }: Pick<ActTold, 'id' | 'prepared'>, by = passkey) => {
      const [due = expect.fail('nobody is asked')] = readActFile(JSON.stringify(prepared)).consents;
      const digest = fromHex(digestOf({ ...due, message: { ...due.message, deadline } }));
      return {
        ...{ act: id, part: 'consent', place: 0, signature: toHex(assertion(by, digest)) },
        consent: { ...times, kind: 'webauthn', salt: SALT, key: point },
      };
    };
    const hand = (body: object, key = '') =>
      app.ask<Problem & { missing: readonly string[] }>('POST', '/own-data/consents', { body, key });
    const other = passkeyOf('somebody else', 'webauthn', ZERO_ADDRESS);
    const hers = Object.assign({}, opened.body, { id: sale.body.id });
    expect((await hand(consent(hers, other))).body.code).to.equal('signature-not-by-key');
    const handed = await hand(consent(hers));
    expect([handed.status, handed.body.missing], handed.text).to.deep.equal([201, ['approver']]);
    expect((await opening(byPasskey())).body.code, 'she has agreed').to.equal('act-missing');
    expect((await askingHer()).body.asking).to.deep.equal([]);

    // Of no act, of one that is over, and of a part that it has not: a stranger is told the same.
    const over = await saleTo('Synthetic Buyer of nothing');
    const drawn = await app.ask('DELETE', `/acts/${over.body.id}`, {
      token: await app.token('registrar', 1),
    });
    expect(drawn.status, drawn.text).to.equal(200);
    const blind = Object.assign({}, hers, { id: named('no act') });
    for (const body of [consent(over.body), consent(blind), { ...consent(hers), place: 7 }]) {
      const told = await hand(body);
      expect(told.body.code).to.equal('signature-not-by-key');
    }

    // Nobody's key stands in anybody's way: without one, or with the one that a stranger chose as well.
    for (const key of ['', '1']) {
      const next = await saleTo(`Synthetic Buyer${key}`);
      for (const body of [consent(next.body), consent(next.body)]) {
        const told = await hand(body, key);
        expect([told.status, told.body.missing], told.text).to.deep.equal([201, ['preparer', 'approver']]);
      }
    }
    expect((await hand(consent(hers), '1')).body.missing, 'once more').to.deep.equal(['approver']);
  });

  it('certifies her title to her, and to nobody who has no holding of it', async () => {
    const certify = async (proof: Proof) =>
      app.ask<Problem>('POST', '/own-data/certificates', { body: await proven(app, proof) });
    const told = await certify(byPasskey());
    expect(told.status, told.text).to.equal(200);
    expect(readCertificate(told.text).baUnit).to.equal(units[0]);
    expect(told.text).to.include(HOLDER);
    const ofLender = { place: await notice(), key: lender.privateKey, salt: lender.salt };
    expect((await certify(ofLender)).body.code).to.equal('proof-not-by-key');
  });

  it('certifies to a holder her own party whole, and of who holds with her the name alone', async () => {
    const unit = shared ?? expect.fail('no unit');
    const parties = [
      { name: 'Synthetic Sharer', idNumber: 'SYNTHETIC-OWN-1' },
      { name: 'Synthetic Neighbour', idNumber: 'SYNTHETIC-NOT-HERS', phone: '+255 700 000 001' },
    ];
    const [own, other] = parties;
    const second = { ...kinds, keyHash: ZERO_32, party: other };
    const title = titleOf(unit);
    Object.assign(title.right, { tenancy: 'common', denominator: '2' });
    const holders = [holderOf(possessionOf(unit), own), second];
    const titles = [{ ...title, right: Object.assign({}, title.right, { holders }) }];
    await app.act('registrar', '/acts/registrations', { titles });
    const [hers, theirs] = (await stateOf(unit)).rights[0]?.holdings ?? [];
    const terms = [{ path: 'claimant', value: 'Synthetic Lender of the other' }];
    const { body: told } = await app.ask<ActTold>('POST', '/acts/restrictions', {
      token: await app.token('registrar', 1),
      body: {
        ...{ head: headOf(OFFICERS.preparer), ...caution(unit, NOBODY, terms) },
        instrumentId: named('on the part of another'),
      },
    });
    await lodgeBent(unit, told, { targetHolding: theirs?.holdingId });
    const office = await app.ask('GET', `/titles/${unit}/certificate`, {
      token: await app.token('registrar', 1),
      headers: { 'X-Case-Reference': 'CASE-2' },
    });
    for (const words of ['SYNTHETIC-NOT-HERS', 'Synthetic Lender of the other'])
      expect(office.text, 'of the office').to.include(words);
    const place: OwnPlace = { kind: 'holding', baUnit: unit, holdingId: hers?.holdingId ?? 0 };
    const body = await proven(app, { ...byPasskey(), place });
    const { status, text } = await app.ask<Problem>('POST', '/own-data/certificates', { body });
    expect(status, text).to.equal(200);
    for (const words of ['Synthetic Sharer', 'SYNTHETIC-OWN-1', 'Synthetic Neighbour', 'parcel/number'])
      expect(text).to.include(words);
    for (const words of ['SYNTHETIC-NOT-HERS', '+255 700', 'Synthetic Lender of the other'])
      expect(text).not.to.include(words);
  });
});
