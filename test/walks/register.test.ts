/**
 * Register a title, in one pass: surveyed, prepared, signed by two officers on their own devices, final, certified. And
 * what must not happen on the way: one officer twice, a key used again, a second copy through or around the gateway.
 */

import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { JsonRpcProvider, Wallet } from 'ethers';
import { demoParcels } from '../../scripts/demoData.ts';
import { readCertificate } from '../../server/domain/audit/certificate.ts';
import { verifyCertificate } from '../../server/domain/audit/verifyCertificate.ts';
import { fromHex, type Hex } from '../../server/domain/base/hex.ts';
import { actInWords, readActFile } from '../../server/domain/signer/actFile.ts';
import { refusalOfRevert } from '../../server/ledger/contracts.ts';
import { named } from '../chain/signing.ts';
import {
  type ActTold,
  type App,
  approvalBy,
  freePort,
  headOf,
  OFFICERS,
  type OperationTold,
  type Problem,
  preparationBy,
  startApp,
} from '../gateway/app.ts';
import { heldIn } from '../gateway/held.ts';

const GAS = 16_000_000n;
const HOLDER = 'Synthetic Holder';

interface TitleTold {
  readonly baUnit: string;
  readonly version: string;
  readonly entryId: string;
  readonly state: { readonly header: { readonly status: string } };
}

interface PageTold extends TitleTold {
  readonly inWords: readonly string[];
  readonly number?: string;
  readonly areaM2: number;
  readonly lapsed: { readonly rights: readonly number[]; readonly restrictions: readonly string[] };
  readonly isInEffect: boolean;
}

interface HistoryTold extends TitleTold {
  readonly act: string;
  readonly what: string;
  readonly preparer: { readonly officer: string; readonly institution: number };
  readonly approver: HistoryTold['preparer'];
  readonly changes: readonly { readonly words: string }[];
}

const HOLDER_KEY = { privateKey: fromHex(named('key of the holder')), salt: named('salt of the holder') };

describe('registering a title', function () {
  this.timeout(120_000);
  let app: App;
  let chain: JsonRpcProvider;
  let units: readonly string[];
  let act: ActTold;
  let operation: OperationTold & { readonly transactionHash: string };
  const key = randomUUID();

  before(async () => {
    const rpcPort = await freePort();
    app = await startApp({ env: { KUDURRU_RPC_PORT: String(rpcPort) } });
    chain = new JsonRpcProvider(`http://127.0.0.1:${rpcPort}`, undefined, { cacheTimeout: -1 });
  });
  after(async () => {
    chain?.destroy();
    await app?.remove();
  });

  const registrar = () => app.token('registrar', 1);
  const title = (baUnit: string | undefined) => ({
    ...{ baUnit, origin: 'legacy', evidence: 'public-document' },
    right: {
      ...{ kind: 'ownership', standing: 'absolute', tenancy: 'sole', denominator: '1' },
      holders: [
        {
          ...{ numerator: '1', partyKind: 'person', signer: 'own' },
          ...{ ...heldIn(app.trust(), baUnit ?? '', HOLDER_KEY), party: { name: HOLDER } },
        },
      ],
    },
  });
  let body: object;
  const prepare = async <T = ActTold>(some: object, withKey = randomUUID()) =>
    app.ask<T>('POST', '/acts/registrations', { token: await registrar(), body: some, key: withKey });
  const handIn = async <T = ActTold>(part: object, withKey = randomUUID(), by = 'second') =>
    app.ask<T>('POST', `/acts/${act.id}/signatures`, {
      token: await app.token('registrar', 1, by),
      body: part,
      key: withKey,
      headers: { Prefer: 'wait=20' },
    });
  const read = () => readActFile(JSON.stringify(act.prepared));
  const entries = async () => {
    const { body: ledger } = await app.ask<{ counts: { entries: number } }>('GET', '/ledger');
    return ledger.counts.entries;
  };

  it('begins with the survey, which says under which unit each parcel is to be registered', async () => {
    const file = { text: demoParcels({ count: 2 }), type: 'application/geo+json' };
    const told = await app.ask<{ recorded: { baUnit: string }[] }>('PUT', '/parcels?office=1', {
      token: await registrar(),
      file,
    });
    units = told.body.recorded.map(({ baUnit }) => baUnit);
    expect(units).to.have.length(2);
  });

  it('is prepared once, however often it is asked for, in words an independent signer can check', async () => {
    body = { head: headOf(OFFICERS.preparer), titles: units.map(title) };
    const first = await prepare(body, key);
    expect(first.status, first.text).to.equal(201);
    act = first.body;
    expect(act.missing).to.deep.equal(['preparer', 'approver']);
    expect(actInWords(read()).join('\n')).to.include(HOLDER);
    expect((await prepare(body, key)).text).to.equal(first.text);
    const other = { ...body, titles: [title(units[0])] };
    const reused = await prepare<Problem>(other, key);
    expect([reused.status, reused.body.code]).to.deep.equal([422, 'idempotency-key-reused']);
  });

  it('takes no name that would speak to a screen or a printer instead of naming somebody', async () => {
    const [given] = units.map(title);
    const [holder] = given?.right.holders ?? [];
    for (const name of [
      ...[
        'A\nright 1: ownership',
        'B\u001b[2J',
        'C\u0000',
        '\u202eevil',
        'a\u200bb',
        'a\u2066b\u2069',
        '\ufeffA',
      ],
      ...[' ', '   ', '\u00a0', '\u2800', '\u3164', '--', ' A', 'A '],
      ...['A\u00a0B', 'A\u3000B', 'A  B', '\u0301A', 'A \u0301B', 'N/A', 'unknown', 'xxx', '---'],
    ]) {
      const holders = [{ ...holder, party: { name } }];
      const titles = [{ ...given, right: { ...given?.right, holders } }];
      const told = await prepare<Problem>({ head: headOf(OFFICERS.preparer), titles });
      expect([told.status, told.body.code], JSON.stringify(name)).to.deep.equal([422, 'validation-failed']);
      expect(told.text).to.include('/titles/0/right/holders/0/party/name');
    }
  });

  it('takes no number that cannot be seen, no key twice in one right, and nobody who holds jointly alone', async () => {
    const [given] = units.map(title);
    const [holder] = given?.right.holders ?? [];
    const refusedAt = async (changed: object): Promise<readonly (string | undefined)[]> => {
      const titles = [{ ...given, right: { ...given?.right, ...changed } }];
      const told = await prepare<Problem>({ head: headOf(OFFICERS.preparer), titles });
      return [told.body.code, told.body.errors?.[0]?.pointer];
    };
    for (const idNumber of ['12\u200e34', '\u202d1', '  ', '-']) {
      const [code, pointer] = await refusedAt({
        holders: [{ ...holder, party: { name: HOLDER, idNumber } }],
      });
      const field = '/titles/0/right/holders/0/party/idNumber';
      expect([code, pointer], JSON.stringify(idNumber)).to.deep.equal(['validation-failed', field]);
    }
    const joint = { tenancy: 'joint', denominator: '0', holders: [{ ...holder, numerator: '0' }] };
    expect(await refusedAt(joint)).to.deep.equal(['shares-contradict-tenancy', '/titles/0/right/tenancy']);
    const twice = {
      tenancy: 'common',
      denominator: '2',
      holders: [holder, { ...holder, possession: { ...holder?.possession, holdingId: 3 } }],
    };
    expect((await refusedAt(twice))[0]).to.equal('key-repeated');
  });

  it('can be approved anew, and taken back by its own institution as long as nobody carried it out', async () => {
    const { body: other } = await prepare({ head: headOf(OFFICERS.preparer), titles: units.map(title) });
    const place = `/acts/${other.id}`;
    const token = await app.token('registrar', 1, 'second');
    const approval = approvalBy(OFFICERS.approver, other);
    const signed = await app.ask<ActTold>('POST', `${place}/signatures`, { token, body: approval });
    expect(signed.body.missing).to.deep.equal(['preparer']);
    const renewed = approvalBy(OFFICERS.approver, other, 9_999_999_999n);
    const anew = await app.ask<ActTold>('POST', `${place}/signatures`, { token, body: renewed });
    expect([anew.status, anew.body.missing]).to.deep.equal([201, ['preparer']]);
    const stranger = await app.ask('DELETE', place, { token: await app.token('registrar', 2) });
    expect([stranger.status, stranger.body.code]).to.deep.equal([404, 'act-missing']);
    expect((await app.ask('DELETE', place, { token })).status).to.equal(200);
    expect((await app.ask('GET', place, { token })).body.code).to.equal('act-ended');
  });

  it('is nobody’s alone: not the preparer’s, not a stranger’s, not with a signature of something else', async () => {
    const prepared = await handIn(preparationBy(OFFICERS.preparer, act), randomUUID(), 'first');
    expect(prepared.body.missing).to.deep.equal(['approver']);
    const stranger = { ...OFFICERS.approver, key: OFFICERS.secondApprover.key };
    const other = {
      ...approvalBy(OFFICERS.approver, act),
      signature: preparationBy(OFFICERS.approver, act).signature,
    };
    for (const [part, code] of [
      [approvalBy(OFFICERS.preparer, act), 'second-person-required'],
      [approvalBy(stranger, act), 'signature-not-by-key'],
      [other, 'signature-not-by-key'],
    ] as const) {
      const told = await handIn<Problem>(part);
      expect([told.status >= 400, told.body.code], told.text).to.deep.equal([true, code]);
    }
    expect(await entries()).to.equal(0);
  });

  it('is accepted with the second officer’s signature, and final with its entries', async () => {
    const [part, once] = [approvalBy(OFFICERS.approver, act), randomUUID()];
    const told = await handIn(part, once);
    expect(told.status, told.text).to.equal(202);
    expect((await handIn(part, once)).text).to.equal(told.text);
    const answer = await app.ask<typeof operation>('GET', told.body.operation ?? '', {
      token: await registrar(),
    });
    operation = answer.body;
    expect(operation).to.include({ state: 'PROJECTED', isFinal: true });
    expect(operation.entries.map(({ index }) => index)).to.deep.equal(['0', '1']);
    expect(await entries()).to.equal(2);
  });

  it('shows the unit with its first version, its entry, its history and a certificate that needs no gateway', async () => {
    const token = await registrar();
    for (const baUnit of units) {
      const { inWords, number, areaM2, lapsed, isInEffect, ...shown } = (
        await app.ask<PageTold>('GET', `/titles/${baUnit}`, { token })
      ).body;
      expect([inWords.length, number !== undefined, areaM2 > 1], inWords.join()).to.deep.equal([
        4,
        true,
        true,
      ]);
      expect([lapsed, isInEffect]).to.deep.equal([{ rights: [], restrictions: [] }, true]);
      // The order of the titles of one act is drawn.
      const { entryId } = shown;
      expect(operation.entries.map((one) => one.entryId)).to.include(entryId);
      expect(shown).to.deep.include({ baUnit, version: '1' });
      expect(shown.state.header.status).to.equal('active');
      const { body: entry } = await app.ask<{ entryId: string }>('GET', `/entries/${entryId}`, { token });
      expect(entry.entryId).to.equal(entryId);
      const { body: history } = await app.ask<{ rows: HistoryTold[] }>('GET', `/titles/${baUnit}/history`, {
        token,
      });
      expect(history.rows).to.have.length(1);
      const [{ act, what, preparer, approver, changes, ...version } = expect.fail('no history')] =
        history.rows;
      expect(what).to.equal('First registration');
      expect(version).to.deep.equal(shown);
      const officers = [preparer, approver].map(({ officer, institution }) => [officer, institution]);
      expect([act, officers]).to.deep.equal([
        'registration',
        [
          [OFFICERS.preparer.officer, 1],
          [OFFICERS.approver.officer, 1],
        ],
      ]);
      expect(changes.map(({ words }) => words)[0]).to.equal('The unit begins by legacy, active');
      const headers = { 'X-Case-Reference': 'CASE-1' };
      const { text } = await app.ask('GET', `/titles/${baUnit}/certificate`, { token, headers });
      const { intact, anchored } = verifyCertificate(app.trust(), readCertificate(text));
      expect([intact.verdict, anchored.verdict], text).to.deep.equal(['yes', 'yes']);
      expect(text).to.include(HOLDER);
    }
  });

  it('is refused as done when it comes again, through the gateway or around it', async () => {
    const again = await prepare<Problem>({ ...body, head: headOf(OFFICERS.preparer) });
    expect(again.status, again.text).to.equal(409);
    expect(again.body.code).to.equal('ba-unit-id-used');
    const { to, data } = (await chain.getTransaction(operation.transactionHash)) ?? {};
    const stranger = new Wallet(named('a relayer of somebody else'), chain);
    const copy = { to: to ?? null, data: data ?? '0x', gasLimit: GAS, gasPrice: 0n };
    const block = await chain.getBlockNumber();
    // What reverts for a stranger is in no block: no start executes it again.
    const sent = await stranger.sendTransaction(copy).catch((error) => error.error.data as Hex);
    expect(refusalOfRevert(sent as Hex)?.code).to.equal('ba-unit-id-used');
    expect(await chain.getBlockNumber()).to.equal(block);
    const refused = await chain.call({ ...copy, from: stranger.address }).catch((error) => error.data as Hex);
    expect(refusalOfRevert(refused as Hex)?.code).to.equal('ba-unit-id-used');
    expect(await entries()).to.equal(2);
  });
});
