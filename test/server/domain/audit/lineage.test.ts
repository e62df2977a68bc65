/** Who may seal what: lineages over recorded and made-up chains, and everything that starts or goes elsewhere. */
import { expect } from 'chai';
import {
  evidenceFrom,
  isFurtherOn,
  moveCheckpoint,
  provesCheckpoint,
} from '../../../../server/domain/audit/checkpoint.ts';
import {
  type FinalityEvidence,
  type QbftEvidence,
  verifyFinality,
} from '../../../../server/domain/audit/lineage.ts';
import { hashForm, quorumOf } from '../../../../server/domain/audit/qbft.ts';
import { proofOfAnswer, type StateProof } from '../../../../server/domain/audit/state.ts';
import type { QbftTrust, TrustFile } from '../../../../server/domain/audit/trust.ts';
import {
  auditChain,
  startOfLineage,
  takeStep,
  type ValidatorLink,
  validatorSlots,
  validatorsUnder,
} from '../../../../server/domain/audit/validators.ts';
import { type Bytes32, fromHex, type Hex, toHex, ZERO_32 } from '../../../../server/domain/base/hex.ts';
import {
  CHARTER,
  type Key,
  keys,
  type MadeChain,
  makeChain,
  makeCharter,
  makeState,
  sealHeader,
  trustIn,
} from '../../../chain/forge.ts';
import { codeOf, recordedChain } from '../../../chain/recorded.ts';
import { recordedTrust } from '../../../chain/recordedTrust.ts';
import { seeded } from '../../../seeded.ts';

const unsealed = (link: ValidatorLink): ValidatorLink => ({
  ...link,
  header: toHex(hashForm(fromHex(link.header))),
});

/** The evidence for a block of a made chain, with these blocks as its steps. */
async function evidenceFor(
  chain: MadeChain,
  target: number,
  steps: readonly number[],
): Promise<QbftEvidence> {
  const step = async (at: number) => ({
    header: chain.headers[at] ?? ('0x' as const),
    validators: await chain.validatorsAfter(at),
  });
  return {
    kind: 'qbft',
    first: chain.headers[1] ?? '0x',
    steps: await Promise.all(steps.map(step)),
    parent: unsealed(await step(target - 1)),
    header: chain.headers[target] ?? '0x',
  };
}

const refusedAs = (trust: TrustFile, evidence: FinalityEvidence) =>
  codeOf(() => verifyFinality(trust, evidence));
const addressesOf = (members: readonly Key[]) => members.map(({ address }) => address);

/** A set of 4, then a change every third block: one joins, one leaves, all are replaced. */
async function changingChain(): Promise<{ chain: MadeChain; steps: number[] }> {
  const all = keys(9);
  const sets = [
    all.slice(0, 4),
    all.slice(0, 5),
    all.slice(1, 5),
    all.slice(5, 9),
    all.slice(4, 9),
    all.slice(0, 7),
  ];
  const [first = [], ...later] = sets;
  const steps = later.map((_, i) => 3 * (i + 1));
  const chain = await makeChain(first, 18, new Map(later.map((set, i) => [3 * (i + 1), set])));
  return { chain, steps };
}

describe('a lineage of validators', () => {
  it('of no change, one and many leads to every block, at one quorum of checks a change', async () => {
    const { chain, steps } = await changingChain();
    const sizes = [4, 5, 4, 4, 5, 7];
    let naive = 0;
    for (let target = 1; target <= 18; target++) {
      const before = steps.filter((step) => step < target);
      const final = verifyFinality(chain.trust, await evidenceFor(chain, target, before));
      expect(final.blockHash).to.equal(chain.hashes[target]);
      expect([final.finality, final.restsOn]).to.deep.equal(['sealed', 'genesis']);
      const walked = sizes.slice(0, before.length + 1).reduce((sum, size) => sum + quorumOf(size), 0);
      // block 1 is checked beside the others: it names the genesis
      expect(final.signatureChecks).to.equal(walked + (target === 1 ? 0 : quorumOf(4)));
      naive += quorumOf(sizes[before.length] ?? 0);
    }
    const changes = new Map(
      await Promise.all(steps.map(async (at) => [at, await chain.validatorsAfter(at)] as const)),
    );
    const audit = auditChain(chain.trust, chain.headers, changes);
    expect(audit.blocks).to.equal(19);
    expect(audit.head.hash).to.equal(chain.hashes[18]);
    expect(audit.signatureChecks).to.equal(sizes.reduce((sum, size) => sum + quorumOf(size), 0));
    console.log(
      `      signature checks | 18 blocks, 5 changes | ${audit.signatureChecks}, block by block ${naive}`,
    );
  });

  it('that starts anywhere else proves nothing', async () => {
    const chain = await makeChain(keys(4), 4);
    const strangers = await makeChain(keys(4, 'stranger'), 4);
    const foreign = await evidenceFor(strangers, 2, []);
    expect(refusedAs(chain.trust, foreign)).to.equal('lineage-not-from-genesis');
    const turned = await makeChain(keys(4, 'stranger'), 4, new Map([[1, keys(4)]]));
    expect(refusedAs(chain.trust, await evidenceFor(turned, 3, [1]))).to.equal('lineage-not-from-genesis');
    const otherGenesis = trustIn(ZERO_32, chain.trust.firstValidators);
    expect(refusedAs(otherGenesis, await evidenceFor(chain, 1, []))).to.equal('lineage-not-from-genesis');
    // At any height: the genesis of the trust file is the one that block 1 names.
    for (let height = 1; height <= 4; height++) {
      const evidence = await evidenceFor(chain, height, []);
      expect(refusedAs(chain.trust, evidence)).to.equal(undefined);
      const elsewhere = { ...chain.trust, genesisHash: `0x${'01'.repeat(32)}` as Bytes32 };
      expect(refusedAs(elsewhere, evidence), `height ${height}`).to.equal('lineage-not-from-genesis');
      const other = chain.headers[height === 2 ? 3 : 2] ?? '0x';
      const wrong = height === 1 ? 'lineage-broken' : 'lineage-not-from-genesis';
      expect(refusedAs(chain.trust, { ...evidence, first: other })).to.equal(wrong);
      const stranger = strangers.headers[1] ?? '0x';
      expect(refusedAs(chain.trust, { ...evidence, first: stranger })).to.equal(wrong);
    }
    const [parent] = (await evidenceFor(chain, 1, [])).steps;
    expect(parent).to.equal(undefined);
    expect(codeOf(() => auditChain(chain.trust, strangers.headers, new Map()))).to.equal(
      'lineage-not-from-genesis',
    );
    expect(codeOf(() => auditChain(chain.trust, chain.headers.slice(1), new Map()))).to.equal(
      'lineage-not-from-genesis',
    );
  });

  it('names a step that is left out, repeated, out of order, idle or too many', async () => {
    const { chain, steps } = await changingChain();
    const evidence = await evidenceFor(chain, 9, [3, 6]);
    const [three, six] = evidence.steps;
    if (three === undefined || six === undefined) throw new Error('two steps');
    const trust = chain.trust;
    expect(refusedAs(trust, evidence)).to.equal(undefined);
    // Blocks 4 to 6 are sealed by members of the first set only, so what betrays the gap is the parent's state.
    expect(refusedAs(trust, await evidenceFor(chain, 5, []))).to.equal('lineage-incomplete');
    expect(refusedAs(trust, await evidenceFor(chain, 12, [3, 6]))).to.equal('seal-not-by-member');
    expect(refusedAs(trust, { ...evidence, steps: [three, six, six] })).to.equal('lineage-broken');
    expect(refusedAs(trust, { ...evidence, steps: [three, six, three] })).to.equal('lineage-broken');
    expect(refusedAs(trust, await evidenceFor(chain, 9, [3, 5]))).to.equal('lineage-step-idle');
    expect(refusedAs(trust, await evidenceFor(chain, 6, [3, 6]))).to.equal('lineage-broken');
    const long = { ...evidence, steps: Array.from({ length: 10_001 }, () => three) };
    expect(refusedAs(trust, long)).to.equal('lineage-too-long');
    expect(steps.length).to.equal(5);
  });

  it('names a header that is next to a step and not its child', async () => {
    const all = keys(5);
    const chain = await makeChain(all.slice(0, 4), 4, new Map([[2, all]]));
    const evidence = await evidenceFor(chain, 3, [2]);
    const state = await makeCharter(addressesOf(all));
    const fork = sealHeader({ blockNumber: 3, parentHash: ZERO_32, stateRoot: state.stateRoot }, all);
    expect(refusedAs(chain.trust, { ...evidence, header: fork.header })).to.equal('lineage-broken');
    const orphan = sealHeader(
      { blockNumber: 1, parentHash: ZERO_32, stateRoot: state.stateRoot },
      all.slice(0, 4),
    );
    expect(refusedAs(chain.trust, { ...evidence, steps: [], header: orphan.header })).to.equal(
      'lineage-not-from-genesis',
    );
  });

  it('needs the parent that the header names, with the set in force proved by the Charter that is trusted', async () => {
    const chain = await makeChain(keys(4), 5);
    const good = await evidenceFor(chain, 4, []);
    const other = await evidenceFor(chain, 3, []);
    const { trust } = chain;
    expect(refusedAs(trust, { ...good, parent: other.parent })).to.equal('header-parent-differs');
    const sealed = { ...good.parent, header: chain.headers[3] ?? '0x' } as const;
    expect(refusedAs(trust, { ...good, parent: sealed })).to.equal('header-parent-differs');
    const { contracts } = trust;
    const withCharter = (charter: typeof CHARTER): QbftTrust => ({
      ...trust,
      contracts: { ...contracts, charter },
    });
    expect(refusedAs(withCharter(contracts.consortium), good)).to.equal('contract-differs');
    expect(refusedAs(withCharter({ ...CHARTER, codeHash: ZERO_32 }), good)).to.equal('contract-code-differs');
    const proof = good.parent.validators;
    const withProof = (validators: StateProof) => ({ ...good, parent: { ...good.parent, validators } });
    expect(refusedAs(trust, withProof({ ...proof, slots: proof.slots.slice(0, -1) }))).to.equal(
      'proof-slot-missing',
    );
    const [length] = proof.slots;
    if (length === undefined) throw new Error('the length is a slot');
    expect(refusedAs(trust, withProof({ ...proof, slots: [...proof.slots, length] }))).to.equal(
      'proof-slot-repeated',
    );
    expect(refusedAs(trust, { ...good, header: '0x0' as Hex })).to.equal('header-malformed');
  });

  it('reads the list that the Charter holds, in its order', async () => {
    const members = addressesOf(keys(5));
    const made = await makeCharter(members);
    const trust = trustIn(ZERO_32, members);
    const proof = await made.prove(CHARTER.address, validatorSlots(5));
    expect(validatorsUnder(trust, made.stateRoot, proof)).to.deep.equal(members);
  });

  it('reads no list that is empty, too long, repeated, not addresses, or more than the list', async () => {
    const trust = trustIn(ZERO_32, addressesOf(keys(4)));
    const read = async (slots: ReadonlyMap<Bytes32, bigint>, asked: readonly Bytes32[]) => {
      const made = await makeState(CHARTER, slots);
      const proof = await made.prove(CHARTER.address, asked);
      return codeOf(() => validatorsUnder(trust, made.stateRoot, proof));
    };
    const [length = ZERO_32, first = ZERO_32, second = ZERO_32] = validatorSlots(2);
    const both = [length, first, second];
    expect(
      await read(
        new Map([
          [length, 2n],
          [first, 5n],
          [second, 6n],
        ]),
        both,
      ),
    ).to.equal(undefined);
    expect(await read(new Map([[first, 5n]]), [length])).to.equal('validators-malformed');
    expect(await read(new Map([[length, 129n]]), [length])).to.equal('validators-malformed');
    expect(
      await read(
        new Map([
          [length, 2n],
          [first, 5n],
          [second, 5n],
        ]),
        both,
      ),
    ).to.equal('validators-malformed');
    expect(
      await read(
        new Map([
          [length, 2n],
          [first, 5n],
        ]),
        both,
      ),
    ).to.equal('validators-malformed');
    expect(
      await read(
        new Map([
          [length, 1n],
          [first, (1n << 160n) + 5n],
        ]),
        both.slice(0, 2),
      ),
    ).to.equal('validators-malformed');
    expect(
      await read(
        new Map([
          [length, 1n],
          [first, 5n],
          [second, 6n],
        ]),
        both,
      ),
    ).to.equal('proof-slot-unused');
  });

  it('refuses a header that lists validators where the Charter does, and evidence of another kind', async () => {
    const members = keys(4);
    const chain = await makeChain(members, 3);
    const evidence = await evidenceFor(chain, 2, []);
    const plan = { blockNumber: 2, parentHash: chain.hashes[1] ?? ZERO_32, stateRoot: ZERO_32 };
    const listing = sealHeader({ ...plan, listed: addressesOf(members) }, members);
    expect(refusedAs(chain.trust, { ...evidence, header: listing.header })).to.equal(
      'validators-listed-in-header',
    );
    const header = evidence.header;
    expect(refusedAs(chain.trust, { kind: 'qbft-header', first: header, header })).to.equal(
      'lineage-kind-differs',
    );
    expect(refusedAs({ ...chain.trust, lineage: 'qbft-header' }, evidence)).to.equal('lineage-kind-differs');
  });

  it('audits a whole chain only when every header is the child of the one before and every change is there', async () => {
    const { chain, steps } = await changingChain();
    const proofs = await Promise.all(steps.map(async (at) => [at, await chain.validatorsAfter(at)] as const));
    const audit = (headers: readonly Hex[], changes = new Map(proofs)) =>
      codeOf(() => auditChain(chain.trust, headers, changes));
    expect(audit(chain.headers)).to.equal(undefined);
    expect(audit(chain.headers.toSpliced(4, 1))).to.equal('header-parent-differs');
    expect(audit([...chain.headers.slice(0, 5), ...chain.headers.slice(4)])).to.equal(
      'header-parent-differs',
    );
    const strangers = await makeChain(keys(4, 'stranger'), 4);
    expect(audit(chain.headers.with(4, strangers.headers[4] ?? '0x'))).to.equal('header-parent-differs');
    expect(audit(chain.headers.slice(0, 10))).to.equal('lineage-broken');
    expect(audit([])).to.equal('lineage-broken');
    expect(audit(chain.headers, new Map(proofs.slice(0, -1)))).to.equal('seal-not-by-member');
    expect(audit(chain.headers.slice(0, 16))).to.equal(undefined);
  });

  it('is refused with a bit flipped anywhere in its evidence', async () => {
    const { chain } = await changingChain();
    const evidence = await evidenceFor(chain, 8, [3, 6]);
    const text = JSON.stringify(evidence);
    // The addresses and slots beside a proof are checked too, so every hex string of the evidence takes part.
    const places = [...text.matchAll(/0x([0-9a-f]+)/g)].flatMap(({ index, 1: digits = '' }) =>
      Array.from({ length: digits.length }, (_, i) => index + 2 + i),
    );
    const random = seeded(20260606);
    const tries = 1000; // each is a whole verification, about ten milliseconds
    let letIn = 0;
    for (let i = 0; i < tries; i++) {
      const at = random.pick(places);
      const digit = (Number.parseInt(text[at] ?? '0', 16) ^ (1 << random.below(4))).toString(16);
      const flipped: QbftEvidence = JSON.parse(text.slice(0, at) + digit + text.slice(at + 1));
      if (refusedAs(chain.trust, flipped) === undefined) letIn++;
    }
    console.log(`      lineage flips | 20260606 | ${tries} tried of ${4 * places.length} | ${letIn} let in`);
    expect(letIn).to.equal(0);
  }).timeout(600_000);
});

describe('a checkpoint', () => {
  it('starts the lineage, and stops what the keys of retired validators could forge', async () => {
    const [old, now] = [keys(4), keys(4, 'later')];
    const chain = await makeChain(old, 9, new Map([[3, now]]));
    const blockHash = chain.hashes[6] ?? ZERO_32;
    const trust = { ...chain.trust, minimumCheckpoint: { blockNumber: 6, blockHash } };
    const checkpoint = unsealed({
      header: chain.headers[6] ?? '0x',
      validators: await chain.validatorsAfter(6),
    });
    const evidence = { ...(await evidenceFor(chain, 9, [])), checkpoint };
    const final = verifyFinality(trust, evidence);
    expect([final.restsOn, final.signatureChecks]).to.deep.equal(['checkpoint', 6]);
    const elsewhere = { ...trust, genesisHash: `0x${'01'.repeat(32)}` as Bytes32 };
    expect(refusedAs(elsewhere, evidence)).to.equal('lineage-not-from-genesis');

    // The retired four write another history from block 3 on.
    const forged = await makeChain(old, 9);
    expect(refusedAs(chain.trust, await evidenceFor(forged, 9, []))).to.equal(undefined);
    const late = await evidenceFor(forged, 9, []);
    expect(refusedAs(trust, late)).to.equal('checkpoint-missing');
    expect(refusedAs(trust, { ...late, checkpoint })).to.equal('lineage-not-from-genesis');
    const theirs = unsealed({
      header: forged.headers[6] ?? '0x',
      validators: await forged.validatorsAfter(6),
    });
    expect(refusedAs(trust, { ...late, checkpoint: theirs })).to.equal('checkpoint-differs');
    expect(refusedAs(trust, { ...(await evidenceFor(chain, 5, [3])), checkpoint })).to.equal(
      'checkpoint-not-reached',
    );
    expect(refusedAs(chain.trust, evidence)).to.equal('lineage-not-from-genesis');
    expect(refusedAs(chain.trust, { ...late, header: chain.headers[0] ?? '0x' })).to.equal(
      'checkpoint-not-reached',
    );
  });

  it('moves forward by what the old trust file proves, and evidence is as long as where nothing ever changed', async () => {
    const sizes: string[] = [];
    const bytes = (evidence: QbftEvidence) => JSON.stringify(evidence).length;
    const [four, five] = [keys(4), keys(5)];
    const long = new Set<number>();
    for (const changes of [0, 1, 10]) {
      const steps = Array.from({ length: changes }, (_, i) => 2 * (i + 1));
      const sets = new Map(steps.map((step, i) => [step, i % 2 === 0 ? five : four]));
      const height = 2 * changes + 4;
      const chain = await makeChain(four, height + 2, sets);
      const evidence = await evidenceFor(chain, height, steps);
      const moved = moveCheckpoint(chain.trust, evidence);
      const at = { blockNumber: height - 1, blockHash: chain.hashes[height - 1] };
      expect(moved).to.deep.equal({ ...chain.trust, minimumCheckpoint: at });
      expect(isFurtherOn(chain.trust, moved)).to.equal(true);
      const after = evidenceFrom(evidence);
      const final = verifyFinality(moved, after);
      expect([final.restsOn, final.blockHash]).to.deep.equal(['checkpoint', chain.hashes[height]]);
      const later = { ...(await evidenceFor(chain, height + 2, [])), checkpoint: evidence.parent };
      expect(refusedAs(moved, later), 'a block after it').to.equal(undefined);
      expect(refusedAs(moved, evidence), 'the evidence of before').to.equal('checkpoint-missing');
      sizes.push(`${changes} changes ${bytes(evidence)} to ${bytes(after)}`);
      long.add(bytes(after));
    }
    console.log(`      evidence in bytes, before a checkpoint and after | ${sizes.join(', ')}`);
    expect(Math.max(...long) - Math.min(...long), 'however many changes came before').to.be.below(2_500);
  });

  it('never moves back, to where it is, or over a change that is left out', async () => {
    const { chain, steps } = await changingChain();
    const evidence = await evidenceFor(chain, 18, steps);
    const moved = moveCheckpoint(chain.trust, evidence);
    const again = { ...evidenceFrom(evidence) };
    expect(
      codeOf(() => moveCheckpoint(moved, again)),
      'it is there',
    ).to.equal('checkpoint-not-reached');
    expect(
      codeOf(() => moveCheckpoint(chain.trust, { ...evidence, steps: evidence.steps.slice(0, -1) })),
    ).not.to.equal(undefined);
    expect(
      codeOf(() =>
        moveCheckpoint(chain.trust, {
          ...evidence,
          parent: unsealed({ ...evidence.parent, header: chain.headers[16] ?? '0x' }),
        }),
      ),
    ).to.equal('header-parent-differs');
    const strangers = await makeChain(keys(4, 'stranger'), 4);
    const foreign = await evidenceFor(strangers, 4, []);
    expect(codeOf(() => moveCheckpoint(chain.trust, foreign))).to.equal('lineage-not-from-genesis');
    const first = await evidenceFor(chain, 1, []);
    expect(
      codeOf(() => moveCheckpoint(chain.trust, first)),
      'the genesis',
    ).to.equal('checkpoint-not-reached');
    expect(isFurtherOn(moved, chain.trust), 'back').to.equal(false);
    const elsewhere = { ...moved, chainId: moved.chainId + 1 };
    expect(isFurtherOn(chain.trust, elsewhere), 'another ledger').to.equal(false);
    expect(provesCheckpoint(chain.trust, moved, evidence)).to.equal(true);
    expect(provesCheckpoint(chain.trust, moved, foreign)).to.equal(false);
    const other = { ...moved, minimumCheckpoint: { ...moved.minimumCheckpoint, blockHash: ZERO_32 } };
    expect(provesCheckpoint(chain.trust, other, evidence), 'another block of that height').to.equal(false);
  });

  it('of a recorded Besu network takes the place of the changes before it', () => {
    const recorded = recordedChain('osaka');
    const link = (number: number): ValidatorLink => {
      const proof = recorded.proofs.get(`validators-${number}`);
      const block = recorded.blocks.find((one) => one.number === number);
      const slots = recorded.expected.find((one) => one.number === number + 1)?.validatorsThatMustSign ?? [];
      if (proof === undefined || block === undefined) throw new Error(`block ${number} is not recorded`);
      const { answer, address } = proof;
      return {
        header: block.rawHeader,
        validators: proofOfAnswer(answer, address, validatorSlots(slots.length)),
      };
    };
    const trustAt = (number: number) => {
      const blockHash = recorded.expected.find((one) => one.number === number)?.hash ?? ZERO_32;
      return { ...recordedTrust('osaka'), minimumCheckpoint: { blockNumber: number, blockHash } };
    };
    const [seven, eight, thirteen] = [link(7), link(8), link(13)];
    const walked = [eight, thirteen].reduce(
      (standing, step) => takeStep(trustAt(7), standing, step),
      startOfLineage(trustAt(7), unsealed(seven)),
    );
    const begun = startOfLineage(trustAt(13), unsealed(thirteen));
    expect(begun.validators).to.deep.equal(walked.validators);
    expect(begun.after).to.deep.equal(walked.after);
    const bytes = (links: readonly ValidatorLink[]) => JSON.stringify(links).length;
    console.log(
      `      evidence of recorded Besu in bytes | checkpoint and two changes ${bytes([unsealed(seven), eight, thirteen])}, one change ${bytes([eight])} and ${bytes([thirteen])}, moved ${bytes([unsealed(thirteen)])}`,
    );
  });
});
