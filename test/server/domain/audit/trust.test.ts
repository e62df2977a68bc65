/** The trust file: one text, one fingerprint, and nothing else passes for it. */
import { expect } from 'chai';
import {
  fingerprint,
  parseTrust,
  readSignedTrust,
  readTrust,
  requireSameLedger,
  succeededSince,
  type TrustFile,
  type TrustSignature,
  writeTrust,
} from '../../../../server/domain/audit/trust.ts';
import type { Address, Bytes32 } from '../../../../server/domain/base/hex.ts';
import { Refusal } from '../../../../server/domain/base/refusal.ts';
import { keys, trustIn } from '../../../chain/forge.ts';
import { codeOf } from '../../../chain/recorded.ts';
import { seeded } from '../../../seeded.ts';
import { vectors } from '../../../vectors.ts';

const GENESIS = `0x${'11'.repeat(32)}` as Bytes32;
const qbft = trustIn(
  GENESIS,
  keys(4).map(({ address }) => address),
);
const { lineage: _, firstValidators, ...common } = qbft;
const [nodeKey = '0x' as Address, ...witnessKeys] = firstValidators;
const embedded: TrustFile = { ...common, lineage: 'embedded', nodeKey, witnessKeys, witnessThreshold: 1 };
const files: TrustFile[] = [
  qbft,
  { ...qbft, lineage: 'qbft-header' },
  embedded,
  { ...embedded, witnessKeys: [], witnessThreshold: 0 },
];

const refusedAsObject = (json: unknown) => codeOf(() => parseTrust(json)) === 'trust-file-malformed';
const refused = (text: string) =>
  ['trust-file-malformed', 'format-unknown'].includes(codeOf(() => readTrust(text)) ?? '');

describe('the trust file', () => {
  it('reads back as it was written, whatever the white space', () => {
    for (const file of files) {
      expect(readTrust(writeTrust(file))).to.deep.equal(file);
      expect(readTrust(JSON.stringify(parseTrust(file)))).to.deep.equal(file);
      expect(readTrust(writeTrust(file).replaceAll('\n', '\r\n\t'))).to.deep.equal(file);
      expect(fingerprint(readTrust(writeTrust(file)))).to.equal(fingerprint(file));
    }
    expect(new Set(files.map(fingerprint)).size).to.equal(files.length);
  });

  it('is the same file whoever signed it, in one order, with nothing else in what they signed', () => {
    const [one, other] = [1, 2].map((institution) => ({
      institution,
      officer: `0x${`${institution}`.repeat(64)}` as Bytes32,
      signature: `0x${'ab'.repeat(64)}` as const,
    })) as [TrustSignature, TrustSignature];
    for (const file of files) {
      const text = writeTrust(file, [other, one]);
      expect(readSignedTrust(text)).to.deep.equal({ trust: file, signatures: [one, other] });
      expect(readTrust(text)).to.deep.equal(file);
      expect(fingerprint(readTrust(text))).to.equal(fingerprint(file));
      expect(readSignedTrust(writeTrust(file)).signatures).to.deep.equal([]);
    }
    const signed = (...signatures: readonly object[]) => JSON.stringify({ ...qbft, signatures });
    expect(refused(signed(one, other)), 'as it is written').to.equal(false);
    for (const [i, text] of [
      signed(),
      signed(other, one),
      signed(one, one),
      signed({ ...one, institution: 0 }),
      signed({ ...one, institution: 128 }),
      signed({ ...one, signature: '0xab' }),
      signed({ ...one, officer: '0x11' }),
      signed({ ...one, key: 1 }),
      signed({ officer: one.officer, institution: 1, signature: one.signature }),
      JSON.stringify({ ...qbft, signatures: {} }),
      JSON.stringify({ signatures: [one], ...qbft }),
    ].entries()) {
      expect(refused(text), `signatures ${i}`).to.equal(true);
    }
  });

  it('has the pinned fingerprint', () => {
    expect(fingerprint(parseTrust(vectors.trust.file))).to.equal(vectors.trust.fingerprint);
  });

  it('refuses a second spelling: a field repeated, reordered or escaped, a number written otherwise', () => {
    const text = writeTrust(qbft);
    const chainId = '"chainId": 271828182845';
    const spellings = [
      text.replace(chainId, `${chainId}, ${chainId}`),
      text.replace(chainId, '"chainId": 271828182845.0'),
      text.replace(chainId, '"chainId": 2.71828182845e11'),
      text.replace('"chainId"', '"\\u0063hainId"'),
      text.replace('"blockNumber": 0', '"blockNumber": -0'),
      JSON.stringify(Object.fromEntries(Object.entries(qbft).reverse())),
      `${text}x`,
      `\ufeff${text}`,
      text.replace('{', '{"__proto__": 1,'),
      text.replace(GENESIS, GENESIS.replace('0x', '0X')),
      text.slice(0, -3),
      '',
      'null',
      '[]',
      ' '.repeat(70_000),
    ];
    for (const [i, spelling] of spellings.entries())
      expect(refused(spelling), `spelling ${i}`).to.equal(true);
  });

  it('refuses each field when missing, of another type, or out of its range', () => {
    const bad: Record<string, unknown[]> = {
      format: ['kudurru-trust-', 'kudurru-trust-x', 'kudurru-act-1', 1],
      genesisHash: ['0x11', GENESIS.replaceAll('1', 'A'), 11, null],
      chainId: [0, -1, 1.5, 2 ** 53, '7'],
      lineage: ['solo', 'embedded', null],
      firstValidators: [
        [],
        [nodeKey, nodeKey],
        ['0x'],
        nodeKey,
        Array.from({ length: 129 }, () => nodeKey),
        null,
      ],
      contracts: [
        {},
        [],
        { ...qbft.contracts, charter: qbft.contracts.consortium },
        { ...qbft.contracts, other: 1 },
      ],
      minimumCheckpoint: [
        null,
        {},
        { blockNumber: 0, blockHash: nodeKey },
        { blockNumber: -1, blockHash: GENESIS },
      ],
      ['__proto__']: [1],
      note: ['hello'],
    };
    let tried = 0;
    for (const [name, values] of Object.entries(bad)) {
      for (const value of values) {
        tried++;
        const changed = { ...qbft, [name]: value };
        expect(refusedAsObject(changed), `${name} ${JSON.stringify(value)}`).to.equal(true);
      }
      const without = Object.fromEntries(Object.entries(qbft).filter(([field]) => field !== name));
      if (Object.hasOwn(qbft, name)) expect(refusedAsObject(without), name).to.equal(true);
    }
    const otherGenesis = {
      ...qbft,
      minimumCheckpoint: { blockNumber: 0, blockHash: `0x${'22'.repeat(32)}` },
    };
    expect(refusedAsObject(otherGenesis)).to.equal(true);
    const upper = `0x${nodeKey.slice(2).toUpperCase()}`;
    expect(refusedAsObject({ ...embedded, nodeKey: upper })).to.equal(true);
    expect(refusedAsObject({ ...embedded, witnessKeys: [nodeKey] })).to.equal(true);
    const thresholds: readonly unknown[] = [0, -1, 1.5, witnessKeys.length + 1, '1', null];
    for (const witnessThreshold of thresholds) {
      expect(refusedAsObject({ ...embedded, witnessThreshold })).to.equal(true);
    }
    expect(refusedAsObject({ ...embedded, witnessKeys: [], witnessThreshold: 1 })).to.equal(true);
    expect(codeOf(() => parseTrust({ ...qbft, format: 'kudurru-trust-2' }))).to.equal('format-unknown');
    expect(tried).to.be.greaterThan(25);
  });

  it('is of this ledger, old or new, or of another one, which is told by what differs', () => {
    const place = (byte: string) => `0x${byte.repeat(20)}` as Address;
    const pinned = (byte: string) => ({ address: place(byte), codeHash: GENESIS });
    const { contracts } = embedded;
    const now = { ...embedded, contracts: { ...contracts, landRegistry: pinned('a1') } };
    const governing = {
      consortium: [contracts.consortium],
      landRegistry: [contracts.landRegistry, pinned('a0'), pinned('a1')],
      benefitLedger: [contracts.benefitLedger],
    };
    const told = (given: TrustFile) => {
      try {
        requireSameLedger(given, embedded);
        return succeededSince(given, governing);
      } catch (error) {
        return error instanceof Refusal && error.holes.what;
      }
    };
    expect(told(now)).to.deep.equal([]);
    expect(told(embedded)).to.deep.equal(['land registry']);
    const between = { ...embedded, contracts: { ...contracts, landRegistry: pinned('a0') } };
    expect(told(between)).to.deep.equal(['land registry']);
    const bent = { ...pinned('a1'), codeHash: `0x${'22'.repeat(32)}` as Bytes32 };
    for (const [given, what] of [
      [{ ...now, chainId: now.chainId + 1 }, 'chain id'],
      [{ ...now, ledgerNonce: bent.codeHash }, 'ledger nonce'],
      [{ ...now, nodeKey: place('0c') }, 'node key'],
      [{ ...now, minimumCheckpoint: { blockNumber: 1, blockHash: bent.codeHash } }, 'minimum checkpoint'],
      [{ ...now, contracts: { ...contracts, charter: pinned('0c') } }, 'charter'],
      [{ ...now, contracts: { ...contracts, landRegistry: pinned('0c') } }, 'land registry'],
      [{ ...now, contracts: { ...contracts, landRegistry: bent } }, 'land registry'],
      [{ ...now, contracts: { ...contracts, benefitLedger: pinned('a1') } }, 'benefit ledger'],
    ] as const)
      expect(told(given), what).to.equal(what);
  });

  it('has another fingerprint, or is refused, with any character changed', () => {
    const random = seeded(20260505);
    const text = JSON.stringify(parseTrust(qbft));
    const right = fingerprint(qbft);
    let letIn = 0;
    for (let at = 0; at < text.length; at++) {
      const other = random.pick(
        [...'0123456789abcdef"{}[],: x'].filter((character) => character !== text[at]),
      );
      const changed = text.slice(0, at) + other + text.slice(at + 1);
      if (!refused(changed) && fingerprint(readTrust(changed)) === right) letIn++;
    }
    console.log(`      changed trust files | 20260505 | ${text.length} tried | ${letIn} let in`);
    expect(letIn).to.equal(0);
  });
});
