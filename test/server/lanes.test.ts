/** A lane whose next nonce nobody can use: a start over a network frees it. */
import { expect } from 'chai';
import type { Bytes32, Hex } from '../../server/domain/base/hex.ts';
import { fetchHeader } from '../../server/ledger/block.ts';
import { openLedger } from '../../server/ledger/ledger.ts';
import { NodeError } from '../../server/ledger/provider.ts';
import { openSoftwareKeys } from '../../server/store/keys.ts';
import type { OperationDraft, TransactionSigner } from '../../server/store/operation.ts';
import { type Outbox, openOutbox, outboxTables } from '../../server/store/outbox.ts';
import type { Store } from '../../server/store/store.ts';
import { freeLanes } from '../../server/wiring/nodes.ts';
import { transactionSigner } from '../../server/wiring/stores.ts';
import { KEEPER, openTestLedger, type TestLedger, words } from './ledger/chain.ts';
import { openTestStore, removeTemporaryFolders, temporaryFolder } from './store/folder.ts';

const ACT = `0x${'0a'.repeat(32)}` as Bytes32;
const draft: OperationDraft = {
  kind: 'register-title',
  owner: { principal: 'p1', institution: 3 },
  office: undefined,
  acts: [ACT],
  orderedBy: 'unit-1',
};
const call = { to: KEEPER, data: words('lanes', 40), gas: 16_777_216n };

describe('the lanes of the outbox, over a network', () => {
  let test: TestLedger;
  let store: Store;
  let outbox: Outbox;
  let keys: ReturnType<typeof openSoftwareKeys>;
  beforeEach(async () => {
    keys = openSoftwareKeys(temporaryFolder());
    test = await openTestLedger(temporaryFolder());
    store = await openTestStore(temporaryFolder(), outboxTables);
    outbox = await openOutbox(store, Date.now);
  });
  afterEach(async () => {
    await store.close();
    await test.close();
  });
  after(removeTemporaryFolders);

  const signerAsking = (gas: bigint) =>
    transactionSigner(keys, { pin: test.chain.pin, gasOf: async () => gas }, outbox.lanes);
  const send = (raw: Hex) => test.chain.request({ method: 'eth_sendRawTransaction', params: [raw] });
  const signed = async (sign: TransactionSigner) => {
    const { id } = await outbox.receive(draft);
    await outbox.authorise(id, call);
    return outbox.sign(id, sign);
  };
  const freed = async (isRecorded = false) => {
    const ledger = await openLedger({ provider: test.chain, pin: test.chain.pin });
    const cursor = await fetchHeader(test.chain, test.chain.headNumber, undefined);
    if (cursor === undefined) throw new Error('no head');
    const here = { chain: test.chain, ledger, cursor };
    const found = await freeLanes(
      here,
      { keys, outbox, sign: await signerAsking(42_000n) },
      async (act) => act === ACT && isRecorded,
    );
    ledger.close();
    return found;
  };

  it('go on past bytes that no node takes, by another transaction with their nonce', async () => {
    const stuck = await signed(await signerAsking(25_000n));
    const behind = await signed(await signerAsking(2_000_000n));
    expect(await send(await outbox.raw(stuck.id)).catch((error: unknown) => error)).to.be.instanceOf(
      NodeError,
    );
    expect(await freed()).to.deep.equal([stuck.id]);
    expect(await freed(), 'its rival is there').to.deep.equal([]);
    for await (const { id, kind, nonce } of outbox.unfinished()) {
      if (kind !== 'nonce-fill') continue;
      expect(nonce).to.equal(stuck.nonce);
      await send(await outbox.raw(id));
      await outbox.mined(id, 1n);
    }
    await send(await outbox.raw(behind.id));
    expect((await outbox.get(stuck.id))?.state).to.equal('SUPERSEDED');
  });

  it('are held by nothing whose nonce was used elsewhere, unless the ledger has its act', async () => {
    const sign = await signerAsking(2_000_000n);
    const copied = await signed(sign);
    const { raw } = await sign(
      { ...call, data: words('another gateway', 1) },
      copied.lane,
      copied.nonce ?? 0,
    );
    await send(raw);
    expect(await freed(true)).to.deep.equal([]);
    expect(await freed()).to.deep.equal([copied.id]);
    expect((await outbox.get(copied.id))?.state).to.equal('SUPERSEDED');
  });
});
