import { expect } from 'chai';
import { decodeRlp, encodeRlp, type RlpItem, readItems } from '../../../server/domain/audit/rlp.ts';
import { type Address, fromHex, toHex, ZERO_32 } from '../../../server/domain/base/hex.ts';
import { Refusal } from '../../../server/domain/base/refusal.ts';
import { type Cursor, openLedger, pinOf } from '../../../server/ledger/ledger.ts';
import { recordedChain } from '../../chain/recorded.ts';
import { recordedTrust } from '../../chain/recordedTrust.ts';
import { refusedAs } from '../store/folder.ts';
import { word } from './chain.ts';
import { take } from './reader.ts';
import { recordedNode } from './recordedNode.ts';

describe('the ledger over a recorded Besu network', () => {
  const openOn = (name: 'cancun' | 'osaka', alter?: Parameters<typeof recordedNode>[1], changed = {}) => {
    const node = recordedNode(name, alter);
    const pin = pinOf({ ...recordedTrust(name), ...changed });
    return openLedger({ provider: node, pin }).then((ledger) => ({ ledger, node }));
  };

  for (const name of ['cancun', 'osaka'] as const) {
    const { expected } = recordedChain(name);
    const [, first] = expected;
    const cursor: Cursor = {
      number: BigInt(first?.number ?? 0),
      hash: first?.hash ?? ZERO_32,
      validators: first?.validatorsThatMustSign ?? [],
    };

    it(`follows ${name} over a validator that joins and one that leaves, asking for the set only then`, async () => {
      const { ledger, node } = await openOn(name);
      const blocks = await take(ledger, expected.length - 2, cursor);
      for (const [i, block] of blocks.entries()) {
        const told = expected[i + 2];
        expect(block.hash).to.equal(told?.hash);
        const next = expected[i + 3]?.validatorsThatMustSign;
        if (next) expect(new Set(block.cursor.validators)).to.deep.equal(new Set(next));
      }
      expect(blocks[0]?.transactions).to.have.length(5);
      // One change is found by guessing the old length first: two proofs a change.
      expect(node.calls.filter((method) => method === 'eth_getProof')).to.have.length(4);
    });

    it(`learns the set of ${name} by proof where the cursor does not carry it`, async () => {
      const { ledger } = await openOn(name);
      const at = expected[3];
      const bare = { number: BigInt(at?.number ?? 0), hash: at?.hash ?? ZERO_32 };
      const [block] = await take(ledger, 1, bare);
      expect(block?.hash).to.equal(expected[4]?.hash);
    });

    it(`proves storage and absence in the state of ${name}, whatever order and form the node keeps`, async () => {
      const { ledger } = await openOn(name);
      const [block] = await take(ledger, 1, cursor);
      const at = name === 'osaka' ? 6 : 5;
      const found = recordedChain(name).proofs.get(`store-${at}`);
      const absent = recordedChain(name).proofs.get(`absent-account-${at}`);
      if (!found || !absent || !block) throw new Error('not recorded');
      expect(block.number).to.equal(BigInt(at));
      const { state } = await ledger.prove(found.address, found.slots.toReversed(), block);
      const told = found.answer.storageProof.map(({ key, value }) => [BigInt(key), BigInt(value)] as const);
      expect(new Map([...state.slots].map(([slot, value]) => [BigInt(slot), BigInt(value)]))).to.deep.equal(
        new Map(told),
      );
      expect(await refusedAs(ledger.prove(absent.address, [], block))).to.equal('account-absent');
    });
  }

  /** The block after 7 with other seals: its hash covers none of them. */
  const resealed = (change: (seals: readonly RlpItem[]) => RlpItem) =>
    openOn('osaka', (method, params, answer) => {
      if (method !== 'eth_getBlockByNumber' || params[0] !== '0x8') return answer;
      const block = answer as { extraData: string };
      const extra = readItems(decodeRlp(fromHex(block.extraData))) ?? [];
      const seals = change(readItems(extra[4]) ?? []);
      return { ...block, extraData: toHex(encodeRlp([...extra.slice(0, 4), seals])) };
    });
  const at7: Cursor = { number: 7n, hash: recordedChain('osaka').expected[3]?.hash ?? ZERO_32 };
  const refusal = async (opened: ReturnType<typeof openOn>, cursor = at7) => {
    const error: unknown = await take((await opened).ledger, 1, cursor).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Refusal);
    const { code, place } = error as Refusal;
    return [code, place.field];
  };

  it('refuses a block without the seals of a quorum of different members', async () => {
    const of = (what: string) => ['ledger-unverified', what];
    expect(await refusal(resealed(() => []))).to.deep.equal(of('seals-too-few'));
    expect(await refusal(resealed((seals) => seals.slice(0, 2)))).to.deep.equal(of('seals-too-few'));
    expect(await refusal(resealed(([first = [], second = []]) => [first, second, first]))).to.deep.equal(
      of('seal-repeated'),
    );
    const strange = ([first, ...rest]: readonly RlpItem[]) => [
      (first as Uint8Array).map((b) => b ^ 1),
      ...rest,
    ];
    expect(await refusal(resealed(strange))).to.deep.equal(of('seal-not-by-member'));
    expect(await refusal(resealed((seals) => [...seals, seals.flat()]))).to.deep.equal(of('extraData'));
    const whole = await resealed((seals) => seals);
    expect((await take(whole.ledger, 1, at7))[0]?.hash).to.equal(recordedChain('osaka').expected[4]?.hash);
  });

  it('believes no node about who must seal, only a proof under the state of the parent', async () => {
    const members = recordedChain('osaka').expected[3]?.validatorsThatMustSign ?? [];
    const strangers = [...members.slice(1), `0x${'99'.repeat(20)}` as Address];
    const [block] = await take((await openOn('osaka')).ledger, 1, { ...at7, validators: strangers });
    expect(new Set(block?.cursor.validators)).to.deep.equal(
      new Set(recordedChain('osaka').expected[5]?.validatorsThatMustSign),
    );
    type Proof = { accountProof: string[]; storageProof: { key: string; proof: string[] }[] };
    const lies: [string, (proof: Proof) => unknown][] = [
      ['proof', () => ({})],
      ['proof', () => 'none'],
      ['proof', (proof) => ({ ...proof, accountProof: [null] })],
      ['proof', (proof) => ({ ...proof, storageProof: [null] })],
      ['proof', (proof) => ({ ...proof, storageProof: [{ ...proof.storageProof[0], key: 1 }] })],
      ['proof-slot-missing', (proof) => ({ ...proof, storageProof: [] })],
      ['proof-node-mismatched', (proof) => ({ ...proof, accountProof: proof.accountProof.slice(1) })],
    ];
    for (const [what, lie] of lies) {
      const liar = openOn('osaka', (method, _, answer) =>
        method === 'eth_getProof' ? lie(answer as Proof) : answer,
      );
      expect(await refusal(liar, { ...at7, validators: strangers })).to.deep.equal([
        'ledger-unverified',
        what,
      ]);
    }
  });

  it('takes the set from no contract of other code than the trust file names', async () => {
    const { contracts } = recordedTrust('osaka');
    const charter = { ...contracts.charter, codeHash: word(1) };
    const opened = openOn('osaka', undefined, { contracts: { ...contracts, charter } });
    expect(await refusal(opened)).to.deep.equal(['ledger-unverified', 'contract-code-differs']);
  });

  it('refuses a chain that passes the checkpoint of the trust file at another block', async () => {
    const { hash: blockHash = ZERO_32, number: blockNumber = 0 } = recordedChain('osaka').expected[4] ?? {};
    const right = await openOn('osaka', undefined, { minimumCheckpoint: { blockNumber, blockHash } });
    expect(await take(right.ledger, 1, at7)).to.have.length(1);
    const wrong = openOn('osaka', undefined, { minimumCheckpoint: { blockNumber, blockHash: word(1) } });
    expect(await refusal(wrong)).to.deep.equal(['ledger-unverified', 'checkpoint']);
  });
});
