import { expect } from 'chai';
import type { SignableAct } from '../../../server/domain/acts/signable.ts';
import type { Address, Bytes32, Hex } from '../../../server/domain/base/hex.ts';
import type { EntryId, OfficerId } from '../../../server/domain/base/terms.ts';
import type { GivenSignature } from '../../../server/store/acts.ts';
import { actTables, missingParts, PendingActs } from '../../../server/store/acts.ts';
import { Idempotency, idempotencyTables } from '../../../server/store/idempotency.ts';
import { openSoftwareKeys } from '../../../server/store/keys.ts';
import {
  type Call,
  type OperationDraft,
  type OperationId,
  type OperationState,
  TRANSITIONS,
  type TransactionSigner,
} from '../../../server/store/operation.ts';
import { type Outbox, openOutbox, outboxTables } from '../../../server/store/outbox.ts';
import type { Store } from '../../../server/store/store.ts';
import { openTestStore, refusedAs, removeTemporaryFolders, temporaryFolder } from './folder.ts';

const tables = [...outboxTables, ...actTables, ...idempotencyTables];
const draft: OperationDraft = {
  kind: 'register-title',
  owner: { principal: 'p1', institution: 3 },
  office: undefined,
  acts: [`0x${'0a'.repeat(32)}` as Bytes32],
  orderedBy: 'unit-1',
};
const call: Call = { to: `0x${'01'.repeat(20)}` as Address, data: '0xabcd', gas: 200_000n };
let signings = 0;
const signer: TransactionSigner = async (_, lane, nonce) => {
  const unique = (++signings).toString(16).padStart(8, '0');
  return {
    raw: `0x${unique}0${lane}${nonce.toString(16).padStart(4, '0')}` as Hex,
    hash: `0x${unique.repeat(8)}` as Bytes32,
  };
};

const notPassed = () => false;

describe('the outbox', () => {
  let folder: string;
  let store: Store;
  let outbox: Outbox;
  let nowMs: number;
  const open = async () => {
    store = await openTestStore(folder, tables);
    outbox = await openOutbox(store, () => nowMs);
  };
  const reopen = async () => {
    await store.close();
    await open();
  };
  const authorised = async (orderedBy = 'unit-1') => {
    const { id } = await outbox.receive({ ...draft, orderedBy });
    await outbox.authorise(id, call);
    return id;
  };
  beforeEach(async () => {
    nowMs = 1_700_000_000_000;
    folder = temporaryFolder();
    await open();
  });
  afterEach(() => store.close());
  after(removeTemporaryFolders);

  it('carries an operation from received to projected, over a restart at every step', async () => {
    const id = await authorised();
    await reopen();
    const signed = await outbox.sign(id, signer);
    await reopen();
    const raw = await outbox.raw(id);
    await outbox.sent(id);
    await reopen();
    expect(await outbox.raw(id)).to.equal(raw);
    await outbox.mined(id, 7n);
    await reopen();
    const entry = { register: call.to, journalIndex: 1n, entryId: draft.acts[0] as Bytes32 };
    await outbox.final(id, [entry]);
    await reopen();
    await outbox.projected(id);
    await reopen();
    const found = await outbox.ofTransaction(signed.transactionHash as Bytes32);
    expect(found).to.deep.include({ id, state: 'PROJECTED', blockNumber: 7n, entries: [entry], nonce: 0 });
    expect(await outbox.unfinishedCount()).to.equal(0);
    expect(await refusedAs(outbox.raw(id))).to.equal('Error');
  });

  it('says how long the oldest has waited that is not over, however many came after it', async () => {
    expect(await outbox.oldestWaitsMs()).to.equal(undefined);
    const first = await authorised();
    nowMs += 30_000;
    await authorised('unit-2');
    nowMs += 5_000;
    expect(await outbox.oldestWaitsMs()).to.equal(35_000);
    await outbox.refuse(first, 'read-only');
    expect(await outbox.oldestWaitsMs()).to.equal(5_000);
  });

  it('takes only the steps of its table, and treats the others as bugs', async function () {
    this.timeout(60_000);
    const steps: Record<
      Exclude<OperationState, 'RECEIVED' | 'SUPERSEDED'>,
      (id: OperationId) => Promise<unknown>
    > = {
      AUTHORISED: (id) => outbox.authorise(id, call),
      REFUSED: (id) => outbox.refuse(id, 'read-only'),
      SIGNED: (id) => outbox.sign(id, signer),
      SENT: (id) => outbox.sent(id),
      MINED: (id) => outbox.mined(id, 7n),
      REVERTED: (id) => outbox.reverted(id, 7n, 'read-only'),
      FINAL: (id) => outbox.final(id, []),
      PROJECTED: (id) => outbox.projected(id),
    };
    const ways: Record<string, (keyof typeof steps)[]> = {
      RECEIVED: [],
      AUTHORISED: ['AUTHORISED'],
      REFUSED: ['REFUSED'],
      SIGNED: ['AUTHORISED', 'SIGNED'],
      SENT: ['AUTHORISED', 'SIGNED', 'SENT'],
      MINED: ['AUTHORISED', 'SIGNED', 'MINED'],
      REVERTED: ['AUTHORISED', 'SIGNED', 'SENT', 'REVERTED'],
      FINAL: ['AUTHORISED', 'SIGNED', 'SENT', 'MINED', 'FINAL'],
      PROJECTED: ['AUTHORISED', 'SIGNED', 'SENT', 'MINED', 'FINAL', 'PROJECTED'],
    };
    let [tried, letIn] = [0, 0];
    for (const [from, way] of Object.entries(ways)) {
      for (const [to, step] of Object.entries(steps)) {
        const { id } = await outbox.receive({ ...draft, orderedBy: `${from}${to}` });
        for (const state of way) await steps[state](id);
        const outcome = await refusedAs(step(id));
        const after = (await outbox.get(id))?.state ?? 'none';
        const allowed: readonly string[] = TRANSITIONS[from as OperationState];
        const unchanged = after === from;
        tried++;
        if (allowed.includes(to) ? after !== to || outcome !== undefined : !unchanged) letIn++;
      }
    }
    console.log(`      outbox steps | exhaustive | ${tried} tried | ${letIn} let in`);
    expect(letIn).to.equal(0);
  });

  it('gives one lane consecutive nonces, none twice, when many sign at once', async () => {
    const ids = await Promise.all(Array.from({ length: 100 }, () => authorised()));
    const signed = await Promise.all(ids.map((id) => outbox.sign(id, signer)));
    const nonces = signed.map(({ nonce }) => nonce ?? -1).sort((a, b) => a - b);
    expect(nonces).to.deep.equal(Array.from({ length: 100 }, (_, place) => place));
    expect(new Set(signed.map(({ lane }) => lane)).size).to.equal(1);
    await reopen();
    expect((await outbox.sign(await authorised(), signer)).nonce).to.equal(100);
  });

  it('loses no nonce to a signer that fails', async () => {
    const [first, second] = [await authorised(), await authorised()];
    const failing: TransactionSigner = () => Promise.reject(new RangeError('no key'));
    expect(await refusedAs(outbox.sign(first, failing))).to.equal('RangeError');
    expect((await outbox.sign(second, signer)).nonce).to.equal(0);
    expect((await outbox.sign(first, signer)).nonce).to.equal(1);
  });

  it('spreads things over the lanes and keeps one thing on its own', async () => {
    const lanes = new Set<number>();
    for (let thing = 0; thing < 40; thing++)
      lanes.add((await outbox.receive({ ...draft, orderedBy: `t${thing}` })).lane);
    expect([...lanes].sort()).to.deep.equal([0, 1, 2, 3]);
  });

  it('lists what a start takes up again', async () => {
    const ids: OperationId[] = [];
    for (let turn = 0; turn < 5; turn++) ids.push((await outbox.sign(await authorised(), signer)).id);
    await outbox.sent(ids[3] as OperationId);
    await outbox.mined(ids[0] as OperationId, 1n);
    await reopen();
    const unfinished: OperationId[] = [];
    for await (const { id } of outbox.unfinished()) unfinished.push(id);
    expect(unfinished).to.have.members(ids);
  });

  it('supersedes the rival of the transaction that was mined, whichever it is', async () => {
    for (const winner of ['stuck', 'filler'] as const) {
      const stuck = await outbox.sign(await authorised(), signer);
      const filler = await outbox.fill(stuck.id, call, signer);
      expect([filler.nonce, filler.lane]).to.deep.equal([stuck.nonce, stuck.lane]);
      const [mined, other] = winner === 'stuck' ? [stuck, filler] : [filler, stuck];
      await outbox.mined(mined.id, 9n);
      expect((await outbox.get(other.id))?.state).to.equal('SUPERSEDED');
      expect(await refusedAs(outbox.mined(other.id, 9n))).to.equal('Error');
    }
  });

  it('signs once more, with the next nonce and for the most, what ran out of gas', async () => {
    const signed = await outbox.sign(await authorised(), signer);
    const filler = await outbox.fill(signed.id, call, signer);
    expect((await outbox.again(signed.id)).state).to.equal('AUTHORISED');
    expect((await outbox.get(filler.id))?.state, 'its nonce is used').to.equal('SUPERSEDED');
    expect((await outbox.again(signed.id)).state, 'told of the block again').to.equal('AUTHORISED');
    const late = await outbox.sent(signed.id, signed.transactionHash);
    expect(late.state, 'of the first bytes').to.equal('AUTHORISED');
    await reopen();
    const asked: (boolean | undefined)[] = [];
    const anew = await outbox.sign(signed.id, (what, ...more) => {
      asked.push(what.asksMost);
      return signer(what, ...more);
    });
    expect([anew.state, anew.nonce, asked]).to.deep.equal(['SIGNED', (signed.nonce ?? 0) + 1, [true]]);
    expect((await outbox.sent(signed.id, signed.transactionHash)).state).to.equal('SIGNED');
    expect((await outbox.sent(signed.id, anew.transactionHash)).state).to.equal('SENT');
    expect((await outbox.ofTransaction(signed.transactionHash as Bytes32))?.id).to.equal(signed.id);
  });

  it('remembers the block of a mined operation and does not accept another', async () => {
    const { id } = await outbox.sign(await authorised(), signer);
    await outbox.mined(id, 4n);
    await outbox.mined(id, 4n);
    expect(await refusedAs(outbox.mined(id, 5n))).to.equal('Error');
  });

  it('catches up with a chain that has consumed more nonces, and never goes back', async () => {
    const { id, lane } = await outbox.sign(await authorised(), signer);
    await outbox.catchUpNonce(lane, 12);
    await outbox.catchUpNonce(lane, 3);
    expect((await outbox.get(id))?.nonce).to.equal(0);
    expect((await outbox.sign(await authorised(), signer)).nonce).to.equal(12);
  });

  it("lists an institution's operations newest first, page by page, and no other's", async () => {
    const ids: OperationId[] = [];
    for (let turn = 0; turn < 5; turn++) {
      nowMs++;
      ids.unshift((await outbox.receive(draft)).id);
    }
    await outbox.receive({ ...draft, owner: { principal: 'p2', institution: 33 } });
    const first = await outbox.list(3, 2);
    expect(first.map(({ id }) => id)).to.deep.equal(ids.slice(0, 2));
    expect((await outbox.list(3, 9, first[1]?.id)).map(({ id }) => id)).to.deep.equal(ids.slice(2));
  });

  describe('with pending acts', () => {
    const id = draft.acts[0] as Bytes32;
    const [officer1, officer2] = [`0x${'11'.repeat(32)}` as OfficerId, `0x${'22'.repeat(32)}` as OfficerId];
    const types = { Consent: [] };
    const head = { office: 1n, preparer: id, preparerEpoch: 1n, notBefore: 0n, deadline: 2n };
    const signable = (): SignableAct => ({
      entryId: id as EntryId,
      kind: 'registration',
      typedData: { domain: { chainId: 1n }, types: {}, primaryType: 'RegisterTitle', message: { head } },
      args: [1n],
      institutions: { institution: 0, twoInstitutions: false },
      consents: [{ domain: { chainId: 1n }, types, fields: {}, keyHash: id }],
      states: [],
      factSets: [{ root: id, facts: [] }],
    });
    const by = (
      part: 'preparer' | 'approver',
      principal: string,
      signer: OfficerId,
      signature: Hex = '0x01',
    ): GivenSignature =>
      part === 'preparer'
        ? { part, principal, signer, signature }
        : { part, principal, signer, signature, approval: { approverEpoch: 1, deadline: 2n } };
    const consenting = (principal: string, signature: Hex = '0x01'): GivenSignature => {
      const consent = { notBefore: 0n, deadline: 2n, mandateCommitment: id, salt: id, key: '0x' } as const;
      return {
        part: 'consent-0',
        principal,
        signer: id,
        signature,
        consent: { ...consent, kind: 'secp256k1' },
      };
    };
    let acts: PendingActs;
    const sign = (signature: GivenSignature) => store.transact((tx) => acts.sign(tx, id, signature));
    const add = (act: SignableAct) =>
      store.transact((tx) =>
        acts.add(tx, act, draft.owner, { orderedBy: 'unit 1' }, (one) => outbox.hasFailedIn(tx, one)),
      );
    beforeEach(async () => {
      acts = new PendingActs(store, () => nowMs);
      await add(signable());
    });

    it('keeps the act word for word, and the same act prepared again is the act there is', async () => {
      await sign(by('preparer', 'p1', officer1));
      const again = await add({ ...signable(), args: [2n] });
      expect(again.signatures).to.have.length(1);
      expect(missingParts(again)).to.deep.equal(['approver', 'consent-0']);
      await sign(by('approver', 'p2', officer2));
      expect(missingParts(await sign(consenting('p1')))).to.deep.equal([]);
      const { typedData, args, institutions, consents, states } = signable();
      const kept = { typedData, args, institutions, consents, states };
      const content = Object.assign(kept, { items: [], opened: [], orderedBy: 'unit 1', roots: [id] });
      expect(await acts.content(id)).to.deep.equal(content);
    });

    it('asks for a second officer, whoever hands in for the two', async () => {
      await sign(by('preparer', 'p1', officer1));
      expect(await refusedAs(sign(by('approver', 'p2', officer1)))).to.equal('second-person-required');
      await sign(consenting('p1'));
      expect((await sign(by('approver', 'p1', officer2))).signatures).to.have.length(3);
    });

    it('asks a preparer who signs last for the same', async () => {
      await sign(by('approver', 'p1', officer1));
      expect(await refusedAs(sign(by('preparer', 'p2', officer1)))).to.equal('second-person-required');
      expect((await sign(by('preparer', 'p1', officer2))).signatures).to.have.length(2);
    });

    it('takes a part once, and the same signature again without a word', async () => {
      await sign(by('preparer', 'p1', officer1));
      await sign(by('preparer', 'p1', officer1));
      expect(await refusedAs(sign(by('preparer', 'p1', officer1, '0x02')))).to.equal('part-already-signed');
      await sign(consenting('p1'));
      expect(await refusedAs(sign(consenting('p1', '0x02')))).to.equal('part-already-signed');
    });

    it('takes an approval anew in the place of the one before, by a second officer only', async () => {
      await sign(by('preparer', 'p1', officer1));
      await sign(by('approver', 'p2', officer2));
      expect(await refusedAs(sign(by('approver', 'p2', officer1, '0x03')))).to.equal('part-already-signed');
      const { signatures } = await sign(by('approver', 'p1', officer2, '0x03'));
      expect(signatures.map(({ signature }) => signature)).to.deep.equal(['0x01', '0x03']);
    });

    it('executes once, with its operation in the same write', async () => {
      const operation = await store.transact(async (tx) => {
        const received = await outbox.receiveIn(tx, draft);
        await acts.execute(tx, id, received.id);
        return received;
      });
      expect((await acts.get(id))?.operation).to.equal(operation.id);
      expect(await refusedAs(sign(by('preparer', 'p1', officer1)))).to.equal('act-executed');
      const failing = store.transact(async (tx) => {
        await outbox.receiveIn(tx, draft);
        return acts.execute(tx, id, operation.id);
      });
      expect(await refusedAs(failing)).to.equal('act-executed');
      expect(await outbox.unfinishedCount()).to.equal(1);
    });

    it('waits again for its last officer when it failed on the ledger or lapsed, and not while it is under way', async () => {
      for (const one of [by('preparer', 'p1', officer1), by('approver', 'p2', officer2), consenting('p1')]) {
        await sign(one);
      }
      const { id: operation } = await store.transact(async (tx) => {
        const received = await outbox.receiveIn(tx, draft);
        await acts.execute(tx, id, received.id);
        return received;
      });
      expect((await add(signable())).operation, 'under way').to.equal(operation);
      await outbox.refuse(operation, 'scope-is-paused');
      const again = await add(signable());
      expect(again.operation).to.equal(undefined);
      expect(missingParts(again)).to.deep.equal(['approver']);
      const waiting: Bytes32[] = [];
      for await (const one of acts.waiting()) waiting.push(one.id);
      expect(waiting).to.deep.equal([id]);
      expect((await outbox.get(operation))?.state).to.equal('REFUSED');
      expect(missingParts(await sign(by('approver', 'p2', officer2)))).to.deep.equal([]);
      nowMs += 30 * 24 * 3_600_000 + 1;
      expect(await refusedAs(sign(by('approver', 'p2', officer2, '0x04')))).to.equal('act-lapsed');
      expect(missingParts(await add(signable()))).to.deep.equal(['approver']);
      expect(missingParts(await sign(by('approver', 'p2', officer2, '0x04')))).to.deep.equal([]);
      expect(await swept()).to.deep.equal([]);
    });

    it('lapses and is swept away, an executed one a month later', async () => {
      const other = `0x${'0b'.repeat(32)}` as Bytes32;
      await add({ ...signable(), entryId: other as EntryId });
      await store.transact(async (tx) => {
        await acts.execute(tx, other, (await outbox.receiveIn(tx, draft)).id);
      });
      nowMs += 30 * 24 * 3_600_000 + 1;
      expect(await refusedAs(sign(by('preparer', 'p1', officer1)))).to.equal('act-lapsed');
      expect(await swept()).to.deep.equal([id]);
      expect(await refusedAs(sign(by('preparer', 'p1', officer1)))).to.equal('act-ended');
      expect(await acts.ended(id)).to.deep.include({ type: 'RegisterTitle', owner: draft.owner });
      expect(await acts.ended(other), 'carried out').to.equal(undefined);
      expect(await refusedAs(acts.content(id))).to.equal('act-ended');
      expect((await acts.get(other))?.id).to.equal(other);
      nowMs += 31 * 24 * 3_600_000;
      expect(await swept()).to.deep.equal([other]);
      expect(await acts.get(other)).to.equal(undefined);
      expect(await acts.ended(other), 'recorded').to.equal(undefined);
      // Nobody remembers for ever what ended.
      expect(await acts.forgetEnded()).to.equal(1);
      expect(await acts.forgetEnded()).to.equal(0);
      expect(await refusedAs(sign(by('preparer', 'p1', officer1)))).to.equal('act-missing');
    });

    it('is held until its time, while it is what was tried, and leaves no trace among those that are', async () => {
      await sign(by('preparer', 'p1', officer1));
      const hold = (fromSeconds: number) => store.transact((tx) => acts.hold(tx, id, fromSeconds));
      const dueAt = async (nowSeconds: bigint) => {
        const ids: Bytes32[] = [];
        for await (const one of acts.due(nowSeconds)) ids.push(one.id);
        return ids;
      };
      const tried = async () => {
        const act = await acts.get(id);
        if (act === undefined) throw new Error('the act is gone');
        return act;
      };
      await hold(100);
      expect((await tried()).held).to.deep.equal({ fromSeconds: 100 });
      expect(await dueAt(99n)).to.deep.equal([]);
      expect(await dueAt(100n)).to.deep.equal([id]);
      await hold(200);
      expect(await dueAt(199n), 'at one time only').to.deep.equal([]);
      const before = await tried();
      await sign(by('approver', 'p2', officer2));
      expect(await acts.ofHeld(before, async () => 'done'), 'another part came').to.equal(undefined);
      expect(await acts.ofHeld(await tried(), async () => 'done')).to.equal('done');
      await acts.ofHeld(await tried(), (tx) => acts.refuse(tx, id, 'scope-is-paused'));
      expect((await tried()).held).to.deep.equal({ fromSeconds: 200, refused: 'scope-is-paused' });
      expect(await dueAt(10_000n), 'refused').to.deep.equal([]);
      for (const [name, end] of [
        [
          'executed',
          async () => {
            const operation = await store.transact(async (tx) => {
              const received = await outbox.receiveIn(tx, draft);
              await acts.execute(tx, id, received.id);
              return received;
            });
            expect((await tried()).held).to.equal(undefined);
            await outbox.refuse(operation.id, 'scope-is-paused');
            await add(signable());
          },
        ],
        [
          'lapsed and prepared again',
          async () => {
            nowMs += 30 * 24 * 3_600_000 + 1;
            await add(signable());
          },
        ],
        ['taken back', () => store.transact((tx) => acts.takeBack(tx, id, async () => false, 'somebody'))],
      ] as const) {
        await hold(300);
        expect(await dueAt(300n), name).to.deep.equal([id]);
        await end();
        expect(await dueAt(10_000n), name).to.deep.equal([]);
      }
    });

    it('is swept away only while it is over: it may be executed meanwhile', async () => {
      nowMs += 30 * 24 * 3_600_000 + 1;
      const [lapsed] = await acts.over(notPassed);
      nowMs -= 1_000;
      expect(lapsed?.id).to.equal(id);
      expect(await store.transact((tx) => acts.remove(tx, id, notPassed))).to.equal(false);
      expect((await acts.get(id))?.id).to.equal(id);
    });

    it('is over when the ledger takes it no more, however long it might have waited here', async () => {
      const deadlines: bigint[] = [];
      const isPast = (deadline: bigint) => deadlines.push(deadline) > 0;
      const [late] = await acts.over(isPast);
      expect(late?.id).to.equal(id);
      expect(deadlines).to.deep.equal([BigInt((late?.deadlineMs ?? 0) / 1_000)]);
      expect(await store.transact((tx) => acts.remove(tx, id, isPast))).to.equal(true);
      expect(await acts.get(id)).to.equal(undefined);
    });

    const swept = async () => {
      const over = (await acts.over(notPassed)).map((act) => act.id);
      for (const one of over) await acts.forget(one, notPassed, () => {});
      return over;
    };

    it('can be taken back before it is executed, and once that has failed', async () => {
      const takeBack = () =>
        store.transact((tx) => acts.takeBack(tx, id, (one) => outbox.hasFailedIn(tx, one), 'somebody'));
      await takeBack();
      expect(await acts.get(id)).to.equal(undefined);
      expect(await refusedAs(takeBack())).to.equal('act-ended');
      expect((await acts.ended(id))?.type).to.equal('RegisterTitle');
      await add(signable());
      expect(await acts.ended(id), 'prepared again').to.equal(undefined);
      const { id: operation } = await store.transact(async (tx) => {
        const received = await outbox.receiveIn(tx, draft);
        await acts.execute(tx, id, received.id);
        return received;
      });
      expect(await refusedAs(takeBack()), 'under way').to.equal('act-executed');
      await outbox.refuse(operation, 'scope-is-paused');
      await takeBack();
      expect(await acts.get(id), 'failed').to.equal(undefined);
    });
  });

  describe('with idempotency keys', () => {
    const claim = {
      principal: 'p1',
      key: 'f0f0',
      content: Buffer.from('POST /acts {"nationalId":"77031956"}'),
    };
    let idempotency: Idempotency;
    let ran: number;
    const work = async () => {
      ran++;
      return async (tx: Parameters<Outbox['receiveIn']>[0]) => ({
        kind: 'operation',
        id: (await outbox.receiveIn(tx, draft)).id,
      });
    };
    const restart = async () => {
      await reopen();
      idempotency = new Idempotency(store, openSoftwareKeys(`${folder}/keys`), () => nowMs);
    };
    beforeEach(async () => {
      ran = 0;
      await restart();
    });

    it('gives the same body the same answer, also after a restart, and runs it once', async () => {
      const { reference, repeated } = await idempotency.once(claim, work);
      expect(repeated).to.equal(false);
      await restart();
      expect(await idempotency.once(claim, work)).to.deep.equal({ reference, repeated: true });
      expect([ran, await outbox.unfinishedCount()]).to.deep.equal([1, 1]);
    });

    it('refuses another body under the same key, running or answered', async () => {
      const other = { ...claim, content: Buffer.from('other') };
      const running = idempotency.once(claim, work);
      const results = await Promise.all([running, refusedAs(idempotency.once(other, work))]);
      expect(['idempotency-key-reused']).to.include(results[1]);
      expect(await refusedAs(idempotency.once(other, work))).to.equal('idempotency-key-reused');
    });

    it('runs one of many at once', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, () => refusedAs(idempotency.once(claim, work))),
      );
      expect(outcomes.filter((outcome) => outcome === undefined)).to.have.length(1);
      expect(outcomes.filter((outcome) => outcome === 'request-in-progress')).to.have.length(19);
      expect(ran).to.equal(1);
    });

    it('keeps two principals apart', async () => {
      const one = await idempotency.once(claim, work);
      const two = await idempotency.once({ ...claim, principal: 'p2' }, work);
      expect(one.reference.id).not.to.equal(two.reference.id);
    });

    it('remembers no refusal, and nothing of it', async () => {
      const refusing = () => Promise.reject(new RangeError('no'));
      expect(await refusedAs(idempotency.once(claim, refusing))).to.equal('RangeError');
      expect((await idempotency.once({ ...claim, content: Buffer.from('mended') }, work)).repeated).to.equal(
        false,
      );
    });

    it('forgets after a month', async () => {
      await idempotency.once(claim, work);
      expect(await idempotency.sweep()).to.equal(0);
      nowMs += 31 * 24 * 3_600_000;
      expect(await idempotency.sweep()).to.equal(1);
    });
  });
});
