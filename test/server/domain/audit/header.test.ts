/** Headers field by field, the header a node describes in JSON, and receipts from what a node says of them. */
import { readFileSync } from 'node:fs';
import { RLP } from '@ethereumjs/rlp';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { expect } from 'chai';
import { headerOfAnswer, readHeader } from '../../../../server/domain/audit/header.ts';
import { checkSeals, quorumOf, readQbftHeader, sealSigners } from '../../../../server/domain/audit/qbft.ts';
import { encodeReceipt, type Log, receiptsRoot } from '../../../../server/domain/audit/receipts.ts';
import { recoverCompact, recoverSeal } from '../../../../server/domain/audit/signature.ts';
import { type Bytes32, fromHex, type Hex, toHex, ZERO_32 } from '../../../../server/domain/base/hex.ts';
import { headerWith, keys, sealHeader, throwAwayKey } from '../../../chain/forge.ts';
import { codeOf } from '../../../chain/recorded.ts';

const PLAN = { blockNumber: 9, parentHash: ZERO_32, stateRoot: ZERO_32 };
const vectorFolder = new URL('../../../vectors/besu-qbft/', import.meta.url);

interface RecordedCall {
  readonly request: { readonly method: string };
  readonly result: unknown;
}

function* recordedAnswers(): Generator<(method: string) => unknown> {
  for (const chain of ['cancun', 'osaka', 'osaka-header-mode']) {
    const lines = readFileSync(new URL(`${chain}/blocks.jsonl`, vectorFolder), 'utf8')
      .trim()
      .split('\n');
    for (const line of lines) {
      const { calls }: { calls: readonly RecordedCall[] } = JSON.parse(line);
      yield (method) => calls.find(({ request }) => request.method === method)?.result;
    }
  }
}

/** The fields of an Osaka header as RLP takes them, to spoil one at a time. */
function fieldsOf(raw: Uint8Array): Uint8Array[] {
  return RLP.decode(raw) as Uint8Array[];
}

describe('a block header', () => {
  const good = headerWith(PLAN, new Uint8Array(0));

  it('is rebuilt byte for byte from what eth_getBlockByNumber says', () => {
    let blocks = 0;
    for (const answer of recordedAnswers()) {
      const block = answer('eth_getBlockByNumber') as Record<string, unknown>;
      expect(toHex(headerOfAnswer(block))).to.equal(answer('debug_getRawHeader'));
      blocks++;
    }
    expect(blocks).to.equal(31);
    for (const miner of [undefined, '0x', 'fe', 7, '0xzz', `0x${'a'.repeat(41)}`]) {
      expect(codeOf(() => readHeader(headerOfAnswer({ miner })))).to.equal('header-malformed');
    }
  });

  it('has the fields of a known fork and no other number of them', () => {
    const fields = fieldsOf(good);
    for (let count = 0; count <= 22; count++) {
      const raw = RLP.encode([...fields, new Uint8Array(32)].slice(0, count));
      const isFork = [15, 16, 17, 20, 21].includes(count);
      expect(
        codeOf(() => readHeader(raw)),
        `${count} fields`,
      ).to.equal(isFork ? undefined : 'header-malformed');
    }
  });

  it('has fields of exactly their sizes', () => {
    const fields = fieldsOf(good);
    let tried = 0;
    let letIn = 0;
    const integers = [7, 8, 9, 10, 11, 15, 17, 18];
    fields.forEach((field, i) => {
      const isFree = i === 12;
      const longer = Uint8Array.of(...field, 1);
      const bad: (Uint8Array | Uint8Array[])[] = [[], [field]];
      if (integers.includes(i)) bad.push(Uint8Array.of(0), Uint8Array.of(0, 1), new Uint8Array(33).fill(1));
      else if (isFree) bad.push(new Uint8Array(16_385));
      else bad.push(longer, field.subarray(1), new Uint8Array(0));
      for (const spoiled of bad) {
        tried++;
        const raw = RLP.encode(fields.map((value, k) => (k === i ? spoiled : value)) as Uint8Array[]);
        if (codeOf(() => readHeader(raw)) !== 'header-malformed') letIn++;
      }
    });
    console.log(`      header fields of a wrong size | fixed | ${tried} tried | ${letIn} let in`);
    expect(letIn).to.equal(0);
    const huge = fields.with(8, new Uint8Array(8).fill(255));
    expect(codeOf(() => readHeader(RLP.encode(huge)))).to.equal('header-malformed');
  });
});

describe('QBFT extraData', () => {
  it('is in the one form that Besu writes', () => {
    const vanity = new Uint8Array(32);
    const member = new Uint8Array(20).fill(1);
    const read = (...extra: unknown[]) =>
      codeOf(() => readQbftHeader(headerWith(PLAN, RLP.encode(extra as Uint8Array[]))));
    expect(read(vanity, [], [], 0, [])).to.equal(undefined);
    for (const direction of [0xff, new Uint8Array(1), new Uint8Array(0)]) {
      expect(read(vanity, [member], [member, direction], 3, [new Uint8Array(65)])).to.equal(undefined);
    }
    const bad = [
      [vanity, [], [], 0],
      [vanity, [], [], 0, [], []],
      [new Uint8Array(31), [], [], 0, []],
      [[], [], [], 0, []],
      [vanity, [new Uint8Array(19)], [], 0, []],
      [vanity, member, [], 0, []],
      [vanity, [], member, 0, []],
      [vanity, [], [member], 0, []],
      [vanity, [], [member, 1], 0, []],
      [vanity, [], [member, 0xff, 0], 0, []],
      [vanity, [], [], Uint8Array.of(0), []],
      [vanity, [], [], new Uint8Array(5).fill(1), []],
      [vanity, [], [], [], []],
      [vanity, [], [], 0, [new Uint8Array(64)]],
      [vanity, [], [], 0, new Uint8Array(65)],
    ];
    for (const [i, extra] of bad.entries()) expect(read(...extra), `case ${i}`).to.equal('header-malformed');
    expect(codeOf(() => readQbftHeader(headerWith(PLAN, Uint8Array.of(0xc1))))).to.equal('header-malformed');
  });

  it('needs a quorum of two thirds, counted by signer', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 10].map(quorumOf)).to.deep.equal([1, 2, 2, 3, 4, 4, 5, 7]);
    const members = keys(7);
    const addresses = members.map(({ address }) => address);
    const sealed = (sealers: typeof members, round = 0) =>
      readQbftHeader(fromHex(sealHeader({ ...PLAN, round }, sealers).header));
    expect(checkSeals(sealed(members.slice(2, 7), 4), addresses)).to.equal(5);
    expect(codeOf(() => checkSeals(sealed(members.slice(0, 4)), addresses))).to.equal('seals-too-few');
    expect(codeOf(() => checkSeals(sealed([]), []))).to.equal('seals-too-few');
    const [first, ...others] = members;
    if (first === undefined) throw new Error('seven members');
    expect(codeOf(() => checkSeals(sealed([...members, first]), addresses))).to.equal('seal-repeated');
    const stranger = throwAwayKey('stranger');
    expect(codeOf(() => checkSeals(sealed([...others, stranger]), addresses))).to.equal('seal-not-by-member');
  });

  it('counts the twin of a seal (n - s) as the same signer', () => {
    const members = keys(4);
    const header = readQbftHeader(fromHex(sealHeader(PLAN, members.slice(0, 2)).header));
    const [seal, other] = header.seals;
    if (seal === undefined || other === undefined) throw new Error('two seals');
    const twin = twinOf(seal);
    const addresses = members.map(({ address }) => address);
    expect(recoverSeal(fromHex(header.commitDigest), twin)).to.equal(sealSigners(header)[0]);
    expect(codeOf(() => checkSeals({ ...header, seals: [seal, other, twin] }, addresses))).to.equal(
      'seal-repeated',
    );
  });

  it('takes no signature with another parity byte, length, or r and s out of range', () => {
    const header = readQbftHeader(fromHex(sealHeader(PLAN, keys(1)).header));
    const digest = fromHex(header.commitDigest);
    const [seal] = header.seals;
    if (seal === undefined) throw new Error('one seal');
    for (let v = 2; v < 256; v++) expect(recoverSeal(digest, seal.with(64, v))).to.equal(undefined);
    expect(recoverSeal(digest, seal.subarray(0, 64))).to.equal(undefined);
    expect(recoverSeal(digest, new Uint8Array(65))).to.equal(undefined);
    expect(recoverSeal(digest, new Uint8Array(65).fill(255).with(64, 0))).to.equal(undefined);
    const compact = seal.slice(0, 64).with(32, (seal[32] ?? 0) | ((seal[64] ?? 0) << 7));
    expect(recoverCompact(digest, compact)).to.equal(sealSigners(header)[0]);
    const twin = twinOf(seal);
    const high = twin.slice(0, 64).with(32, (twin[32] ?? 0) | ((twin[64] ?? 0) << 7));
    expect(recoverCompact(digest, high)).to.not.equal(sealSigners(header)[0]);
    expect(recoverCompact(digest, compact.subarray(1))).to.equal(undefined);
  });
});

/** The other signature of the same signer over the same digest. */
function twinOf(seal: Uint8Array): Uint8Array {
  const order = secp256k1.Point.Fn.ORDER;
  const s = order - BigInt(toHex(seal.subarray(32, 64)));
  return Uint8Array.of(
    ...seal.subarray(0, 32),
    ...fromHex(`0x${s.toString(16).padStart(64, '0')}`),
    1 - (seal[64] ?? 0),
  );
}

describe('receipts', () => {
  it('told in JSON make up the root in the header, and not with a log left out or altered', () => {
    let withLogs = 0;
    for (const answer of recordedAnswers()) {
      const told = answer('eth_getBlockReceipts') as Record<string, Hex>[];
      const receipts = told.map((receipt) => ({
        transactionType: Number(receipt.type),
        succeeded: receipt.status === '0x1',
        cumulativeGasUsed: BigInt(receipt.cumulativeGasUsed ?? 0),
        logs: receipt.logs as unknown as readonly Log[],
      }));
      const { receiptsRoot: root } = readHeader(fromHex(answer('debug_getRawHeader') as Hex));
      expect(receiptsRoot(receipts)).to.equal(root);
      const at = receipts.findIndex(({ logs }) => logs.length > 0);
      const receipt = receipts[at];
      const log = receipt?.logs[0];
      if (receipt === undefined || log === undefined) continue;
      withLogs++;
      expect(receiptsRoot(receipts.with(at, { ...receipt, logs: receipt.logs.slice(1) }))).to.not.equal(root);
      const topics = [ZERO_32 as Bytes32, ...log.topics.slice(1)];
      const altered = { ...receipt, logs: receipt.logs.with(0, { ...log, topics }) };
      expect(receiptsRoot(receipts.with(at, altered))).to.not.equal(root);
    }
    expect(withLogs).to.be.greaterThan(6);
  });

  it('have a type that a typed envelope can carry', () => {
    const receipt = { succeeded: false, cumulativeGasUsed: 21_000n, logs: [] };
    expect(encodeReceipt({ ...receipt, transactionType: 0 })[0]).to.be.greaterThan(0xbf);
    expect(encodeReceipt({ ...receipt, transactionType: 2 })[0]).to.equal(2);
    expect(() => encodeReceipt({ ...receipt, transactionType: 128 })).to.throw(TypeError);
  });
});
