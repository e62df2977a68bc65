/** Finality on the recorded chains and on an embedded ledger, each by its own kind of evidence. */
import { expect } from 'chai';
import { Wallet } from 'ethers';
import { headerHash } from '../../../../server/domain/audit/header.ts';
import {
  type EmbeddedEvidence,
  type FinalityEvidence,
  HEAD_TYPES,
  headDigest,
  headDomain,
  verifyFinality,
} from '../../../../server/domain/audit/lineage.ts';
import { readQbftHeader } from '../../../../server/domain/audit/qbft.ts';
import { proofOfAnswer } from '../../../../server/domain/audit/state.ts';
import type { EmbeddedTrust, QbftTrust, TrustFile } from '../../../../server/domain/audit/trust.ts';
import {
  checkSealed,
  isSameSet,
  startOfLineage,
  takeStep,
  type ValidatorLink,
  validatorSlots,
  validatorsUnder,
} from '../../../../server/domain/audit/validators.ts';
import {
  type Address,
  type Bytes32,
  fromHex,
  type Hex,
  toHex,
  ZERO_32,
} from '../../../../server/domain/base/hex.ts';
import { headerWith, type Key, keys, sealHeader, throwAwayKey, trustIn } from '../../../chain/forge.ts';
import { codeOf, type RecordedChain, recordedChain } from '../../../chain/recorded.ts';

const refusedAs = (trust: TrustFile, evidence: FinalityEvidence) =>
  codeOf(() => verifyFinality(trust, evidence));
const addressesOf = (members: readonly Key[]) => members.map(({ address }) => address);

describe('the recorded chains', () => {
  const header = (chain: RecordedChain, at: number) => {
    const block = chain.blocks.find(({ number }) => number === at);
    if (block === undefined) throw new Error(`block ${at} is not recorded`);
    return block.rawHeader;
  };

  function trustOf(chain: RecordedChain): QbftTrust {
    const [, sealed] = chain.expected;
    const proof = [...chain.proofs.values()][0];
    const genesisHash = chain.expected[0]?.hash ?? ZERO_32;
    const trust = trustIn(genesisHash, sealed?.validatorsThatMustSign ?? []);
    if (proof === undefined) return { ...trust, lineage: 'qbft-header' };
    const codeHash = (proof.answer as unknown as { codeHash: Bytes32 }).codeHash;
    return { ...trust, contracts: { ...trust.contracts, charter: { address: proof.address, codeHash } } };
  }

  function linkAt(chain: RecordedChain, at: number) {
    const recorded = chain.proofs.get(`validators-${at}`);
    if (recorded === undefined) throw new Error(`no proof of block ${at}`);
    const length = recorded.answer.storageProof.find(({ key }) => BigInt(key) === 0n)?.value ?? '0x0';
    const validators = proofOfAnswer(recorded.answer, recorded.address, validatorSlots(Number(length)));
    return { header: header(chain, at), validators };
  }

  for (const [name, proved, steps] of [
    ['cancun', [6, 7, 8, 12], [7, 12]],
    ['osaka', [7, 8, 9, 13], [8, 13]],
  ] as const) {
    it(`of ${name} are walked over the validator that joined and the one that left`, () => {
      const chain = recordedChain(name);
      const trust = trustOf(chain);
      // Block 1 was not recorded, so the walk is taken here step by step and not from evidence.
      const walk = (links: readonly ValidatorLink[], at: number) => {
        const standing = links.reduce((known, link) => takeStep(trust, known, link), startOfLineage(trust));
        const sealed = readQbftHeader(fromHex(header(chain, at + 1)));
        checkSealed(standing, sealed);
        const parent = linkAt(chain, at);
        const { hash, stateRoot } = readQbftHeader(fromHex(parent.header));
        expect(sealed.parentHash).to.equal(hash);
        const inForce = validatorsUnder(trust, stateRoot, parent.validators);
        return { hash: sealed.hash, isInForce: isSameSet(inForce, standing.validators) };
      };
      for (const at of proved) {
        const before = steps.filter((step) => step <= at);
        const links = before.map((step) => linkAt(chain, step));
        const expected = chain.expected.find(({ number }) => number === at + 1);
        expect(walk(links, at)).to.deep.equal({ hash: expected?.hash, isInForce: true });
        if (before.length === 0) continue;
        let isWhole = false;
        const cut = codeOf(() => {
          isWhole = walk(links.slice(1), at).isInForce;
        });
        expect(isWhole, cut).to.equal(false);
      }
    });
  }

  it('sealed by the same keys for another ledger are told apart by the code of its Charter', () => {
    const [cancun, osaka] = [recordedChain('cancun'), recordedChain('osaka')];
    const first = trustOf(osaka);
    expect(new Set(trustOf(cancun).firstValidators)).to.deep.equal(new Set(first.firstValidators));
    const { header: raw, validators } = linkAt(cancun, 6);
    const { stateRoot } = readQbftHeader(fromHex(raw));
    const { charter } = first.contracts;
    const ours = { ...first, contracts: { ...first.contracts, charter: { ...charter, codeHash: ZERO_32 } } };
    expect(codeOf(() => validatorsUnder(ours, stateRoot, validators))).to.equal('contract-code-differs');
  });

  it('with validators in the header are accepted from the trusted set, and a change is refused by name', () => {
    const chain = recordedChain('osaka-header-mode');
    const trust = trustOf(chain);
    for (const { number, hash } of chain.expected.slice(1)) {
      const evidence = {
        kind: 'qbft-header',
        first: header(chain, 1),
        header: header(chain, number),
      } as const;
      for (const elsewhere of [`0x${'01'.repeat(32)}` as Bytes32]) {
        expect(refusedAs({ ...trust, genesisHash: elsewhere }, evidence)).to.equal(
          'lineage-not-from-genesis',
        );
      }
      const final = verifyFinality(trust, evidence);
      expect([final.blockHash, final.finality]).to.deep.equal([hash, 'sealed']);
    }
    const members = keys(5);
    const own = { ...trustIn(ZERO_32, addressesOf(members.slice(0, 4))), lineage: 'qbft-header' } as const;
    const plan = { blockNumber: 7, parentHash: ZERO_32, stateRoot: ZERO_32 };
    const listedFirst = addressesOf(members.slice(0, 4));
    const first = sealHeader({ ...plan, blockNumber: 1, listed: listedFirst }, members.slice(0, 3)).header;
    const seen = (listed: readonly Key[], sealers: readonly Key[], blockNumber = 7) =>
      refusedAs(own, {
        kind: 'qbft-header',
        first,
        header: sealHeader({ ...plan, blockNumber, listed: addressesOf(listed) }, sealers).header,
      });
    expect(seen(members.slice(0, 4), members.slice(0, 3))).to.equal(undefined);
    expect(seen(members, members.slice(0, 4))).to.equal('validators-changed-in-header');
    expect(seen(members.slice(0, 3), members.slice(0, 3))).to.equal('validators-changed-in-header');
    expect(seen(members, members.slice(1))).to.equal('seal-not-by-member');
    expect(seen(keys(4, 'stranger'), keys(4, 'stranger'))).to.equal('lineage-not-from-genesis');
    expect(seen(members.slice(0, 4), members.slice(0, 4), 0)).to.equal('checkpoint-not-reached');
    const otherGenesis = { ...own, genesisHash: `0x${'01'.repeat(32)}` as Bytes32 };
    const blockOne = sealHeader(
      { ...plan, blockNumber: 1, listed: addressesOf(members.slice(0, 4)) },
      members.slice(0, 3),
    );
    const alone = { kind: 'qbft-header', first: blockOne.header, header: blockOne.header } as const;
    expect(refusedAs(own, alone)).to.equal(undefined);
    expect(refusedAs(otherGenesis, alone)).to.equal('lineage-not-from-genesis');
  });
});

describe('an embedded ledger', () => {
  const [node, witness, other, stranger] = keys(4, 'head').map(({ secret }) => new Wallet(toHex(secret)));
  if (!node || !witness || !other || !stranger) throw new Error('four wallets');
  const addressOfWallet = (wallet: Wallet) => wallet.address.toLowerCase() as Address;
  const { lineage: _, firstValidators: __, ...common } = trustIn(ZERO_32, [throwAwayKey('nobody').address]);
  const trust: EmbeddedTrust = {
    ...common,
    lineage: 'embedded',
    nodeKey: addressOfWallet(node),
    witnessKeys: [witness, other].map(addressOfWallet),
    witnessThreshold: 1,
  };
  const rawHeader = (blockNumber: number) =>
    headerWith({ blockNumber, parentHash: ZERO_32, stateRoot: ZERO_32 }, new Uint8Array(0));

  /** Signed by a wallet's own typed-data code, as a node or a witness would. */
  async function sign(
    wallet: Wallet,
    raw: Uint8Array,
    blockNumber: number,
    genesisHash = ZERO_32,
  ): Promise<Hex> {
    const types = { Head: [...(HEAD_TYPES.Head ?? [])] };
    const head = { genesisHash, blockNumber, blockHash: headerHash(raw) };
    const signature = await wallet.signTypedData({ ...headDomain(trust.chainId) }, types, head);
    const bytes = fromHex(signature);
    return toHex(bytes.slice(0, 64).with(32, (bytes[32] ?? 0) | (((bytes[64] ?? 27) - 27) << 7)));
  }

  async function evidenceOf(blockNumber: number, witnesses: readonly Wallet[]): Promise<EmbeddedEvidence> {
    const raw = rawHeader(blockNumber);
    return {
      kind: 'embedded',
      header: toHex(raw),
      nodeSignature: await sign(node as Wallet, raw, blockNumber),
      witnessSignatures: await Promise.all(witnesses.map((wallet) => sign(wallet, raw, blockNumber))),
    };
  }

  it('is final locally by its node’s signature, and witnessed by a witness’s too', async () => {
    const alone = { ...trust, witnessKeys: [], witnessThreshold: 0 };
    expect(verifyFinality(alone, await evidenceOf(5, [])).finality).to.equal('local');
    const final = verifyFinality(trust, await evidenceOf(5, [witness, other]));
    expect([final.finality, final.signatureChecks, final.blockHash]).to.deep.equal([
      'witnessed',
      3,
      headerHash(rawHeader(5)),
    ]);
  });

  it('is final by as many witnesses as the trust file asks for, and by no fewer', async () => {
    const one = await evidenceOf(5, [other]);
    expect(refusedAs(trust, await evidenceOf(5, []))).to.equal('witnesses-too-few');
    expect(refusedAs(trust, one)).to.equal(undefined);
    const both = { ...trust, witnessThreshold: 2 };
    expect(refusedAs(both, one)).to.equal('witnesses-too-few');
    expect(verifyFinality(both, await evidenceOf(5, [witness, other])).finality).to.equal('witnessed');
  });

  it('names each head that was not signed for this ledger by whom the trust file names', async () => {
    const good = await evidenceOf(5, [witness]);
    const raw = rawHeader(5);
    const otherLedger = await sign(node, raw, 5, `0x${'77'.repeat(32)}` as Bytes32);
    expect(refusedAs(trust, { ...good, nodeSignature: otherLedger })).to.equal('head-not-signed-by-node');
    expect(refusedAs(trust, { ...good, nodeSignature: await sign(stranger, raw, 5) })).to.equal(
      'head-not-signed-by-node',
    );
    expect(refusedAs(trust, { ...good, nodeSignature: '0x' })).to.equal('head-not-signed-by-node');
    expect(refusedAs(trust, { ...good, header: toHex(rawHeader(6)) })).to.equal('head-not-signed-by-node');
    expect(refusedAs(trust, await evidenceOf(5, [stranger]))).to.equal('witness-unknown');
    expect(refusedAs(trust, await evidenceOf(5, [node]))).to.equal('witness-unknown');
    expect(refusedAs(trust, await evidenceOf(5, [witness, witness]))).to.equal('witness-repeated');
    expect(
      refusedAs({ ...trust, genesisHash: `0x${'01'.repeat(32)}` as Bytes32 }, await evidenceOf(1, [])),
    ).to.equal('lineage-not-from-genesis');
    for (const elsewhere of [{ genesisHash: `0x${'01'.repeat(32)}` as Bytes32 }, { chainId: 1 }]) {
      expect(refusedAs({ ...trust, ...elsewhere }, good)).to.equal('head-not-signed-by-node');
    }
    const late = { ...trust, minimumCheckpoint: { blockNumber: 5, blockHash: ZERO_32 } };
    expect(refusedAs(late, good)).to.equal('checkpoint-not-reached');
  });

  it('has a head digest that binds ledger, number and hash', () => {
    const head = { blockNumber: 1, blockHash: ZERO_32 };
    const digests = [
      headDigest(trust, head),
      headDigest({ ...trust, chainId: 1 }, head),
      headDigest({ ...trust, genesisHash: `0x${'01'.repeat(32)}` as Bytes32 }, head),
      headDigest(trust, { ...head, blockNumber: 2 }),
      headDigest(trust, { ...head, blockHash: `0x${'02'.repeat(32)}` as Bytes32 }),
    ];
    expect(new Set(digests).size).to.equal(digests.length);
  });
});
