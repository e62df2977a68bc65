/** The verifier in Python, which was written from the documents alone, beside `kudurru verify`: no answer differs. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { RLP } from '@ethereumjs/rlp';
import { expect } from 'chai';
import { signCompact } from '../../server/domain/acts/signing.ts';
import { readCertificate, writeCertificate } from '../../server/domain/audit/certificate.ts';
import { parseEvidence } from '../../server/domain/audit/evidence.ts';
import { headerHash, readHeader } from '../../server/domain/audit/header.ts';
import { type EmbeddedEvidence, headDigest, verifyFinality } from '../../server/domain/audit/lineage.ts';
import { hashForm } from '../../server/domain/audit/qbft.ts';
import {
  type EmbeddedTrust,
  readTrust,
  type TrustFile,
  type TrustSignature,
  writeTrust,
} from '../../server/domain/audit/trust.ts';
import {
  certificateSlots,
  judged,
  judgeFacts,
  verifyCertificate,
} from '../../server/domain/audit/verifyCertificate.ts';
import { type Bytes32, fromHex, type Hex, toHex, ZERO_32 } from '../../server/domain/base/hex.ts';
import { assembleTitle } from '../../server/domain/land/registration.ts';
import { keys, makeChain, trustIn } from '../chain/forge.ts';
import { recordedChain } from '../chain/recorded.ts';
import { draft, drafts, type Forged, facts, forge, show, withSlot } from '../land/forgedCertificate.ts';
import { register } from '../land/landActs.ts';
import { certify, trustOf } from '../land/landCertificate.ts';
import { type LandLedger, openLandLedger } from '../land/landLedger.ts';
import { seeded } from '../seeded.ts';
import { removeTemporaryFolders, temporaryFolder } from '../server/store/folder.ts';
import { vectors } from '../vectors.ts';
import { edited } from './edits.ts';
import { judgedByPython, needsPython, type Question, verifier } from './python.ts';

const EXTRA_DATA = 12;
const SEED = Number(process.env.KUDURRU_EDITS_SEED ?? 20_261_130);
const EDITS = Number(process.env.KUDURRU_EDITS ?? 2_000);
/** Of the reasons that a verifier has, edits of files should reach at least so many. */
const LEAST_REASONS = 15;
/** One in so many edits is of the trust file. */
const OF_TRUST = 8;

interface Pair {
  readonly text: string;
  readonly trust: string;
}

const noOf = ({ code }: { readonly code: string }) => ({ verdict: 'no', code });

/** What `kudurru verify` says of two files, without its words. */
function judgedByUs(question: Question): unknown {
  if ('audit' in question) throw new Error('no file');
  return 'head' in question ? headByUs(question.head, question.trust) : certificateByUs(question);
}

function certificateByUs({ certificate: text, trust: trustText }: { certificate: string; trust: string }) {
  const certificate = judged(() => readCertificate(text));
  if ('verdict' in certificate) return { intact: noOf(certificate), anchored: noOf(certificate) };
  const facts = judgeFacts(certificate);
  const intact = facts.verdict === 'no' ? noOf(facts) : facts;
  const trust = judged(() => readTrust(trustText));
  if ('verdict' in trust) return { intact, anchored: noOf(trust) };
  const { anchored } = verifyCertificate(trust, certificate);
  return { intact, anchored: anchored.verdict === 'no' ? noOf(anchored) : anchored };
}

function headByUs(text: string, trustText: string) {
  const found = judged(() => {
    const trust = readTrust(trustText);
    const { header, blockHash, finality, restsOn } = verifyFinality(trust, parseEvidence(text));
    return { final: true, blockNumber: header.blockNumber, blockHash, finality, restsOn };
  });
  return 'final' in found ? found : { final: false, code: found.code };
}

interface Comparison {
  readonly tried: number;
  readonly differ: readonly object[];
  /** Every reason for a no that was given. */
  readonly codes: ReadonlySet<string>;
}

/** What the two say of each question. */
async function compared(questions: readonly Question[]): Promise<Comparison> {
  const found = await judgedByPython<unknown>(questions);
  expect(found.length).to.equal(questions.length);
  const codes = new Set<string>();
  const differ = questions.flatMap((question, i) => {
    const [theirs, ours] = [plain(found[i]), plain(judgedByUs(question))];
    for (const [, code = ''] of ours.matchAll(/"code":"([a-z-]+)"/g)) codes.add(code);
    return theirs === ours ? [] : [{ question: i, theirs, ours }];
  });
  return { tried: questions.length, differ, codes };
}

/** The same text for the same answer: what is undefined is not there, and fields in the order of their names. */
const plain = (answer: unknown): string =>
  JSON.stringify(JSON.parse(JSON.stringify(answer)), (_, value) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .filter(([, one]) => one !== null)
            .sort(),
        )
      : value,
  );

const pairOf = ({ certificate, trust }: Forged): Pair => ({
  text: writeCertificate(certificate),
  trust: writeTrust(trust),
});

describe('the verifier in Python', function () {
  this.timeout(300_000);
  let ledger: LandLedger;
  let pairs: Pair[];
  let heads: Pair[];

  before(async function () {
    needsPython(this);
    ledger = await openLandLedger(temporaryFolder());
    const title = await register(ledger, drafts, draft());
    const trust = await trustOf(ledger);
    const part = await certify(ledger, { ...title, show: ['charges'], facts: [] });
    const whole = await certify(ledger, { ...title, show, facts });
    const ofLedger = [part, whole].map(
      (one): Pair => ({ text: writeCertificate(one), trust: writeTrust(trust) }),
    );
    pairs = [
      ...ofLedger,
      ...witnessed(ofLedger[1] as Pair),
      ...(await forgedPairs()),
      await wholeState(),
      vectorPair(),
      vectorPair(SIGNED),
    ];
    heads = await lineages();
    heads.push(withTwinSeals(heads[2] as Pair));
  });
  after(async () => {
    await ledger?.ledger.close();
    removeTemporaryFolders();
  });

  const certificatesOf = (from: readonly Pair[]): Question[] =>
    from.map(({ text, trust }) => ({ certificate: text, trust }));
  const headsOf = (from: readonly Pair[]): Question[] =>
    from.map(({ text, trust }) => ({ head: text, trust }));

  it('says of the vector what it pins, and answers for one file with an exit code', async () => {
    const folder = temporaryFolder();
    const { text, trust } = vectorPair();
    const [file, trustFile] = [path.join(folder, 'certificate.json'), path.join(folder, 'trust.json')];
    writeFileSync(file, text);
    writeFileSync(trustFile, trust);
    const good = await verifier(['certificate', file, '--trust', trustFile]);
    expect(good.code).to.equal(0);
    expect(JSON.parse(good.stdout).anchored).to.deep.equal(vectors.certificate.anchored);
    writeFileSync(trustFile, vectorPair(SIGNED).trust);
    const signed = await verifier(['certificate', file, '--trust', trustFile]);
    expect([signed.code, JSON.parse(signed.stdout)]).to.deep.equal([0, JSON.parse(good.stdout)]);
    writeFileSync(file, text.replace('KAJ/217', 'KAJ/218'));
    const bad = await verifier(['certificate', file, '--trust', trustFile]);
    expect(bad.code).to.equal(1);
    expect(JSON.parse(bad.stdout).intact).to.deep.equal({ verdict: 'no', code: 'fact-not-committed' });
  });

  it('agrees about certificates of both kinds of chain, and of ledgers that somebody bent', async () => {
    const { differ } = await compared([...certificatesOf(pairs), ...headsOf(heads)]);
    expect(differ).to.deep.equal([]);
  });

  it('agrees about edits of certificates', async () => {
    const random = seeded(SEED);
    report('python verifier', await compared(certificatesOf(editedPairs(random, pairs, EDITS))));
  });

  it('agrees about edits of lineages', async () => {
    const random = seeded(SEED + 1);
    report('python lineage', await compared(headsOf(editedPairs(random, heads, EDITS / 2))));
  });

  /** Edits that all fail alike would compare one line of each. */
  function report(what: string, { tried, differ, codes }: Comparison): void {
    console.log(
      `      ${what} | ${SEED} | ${tried} tried | ${differ.length} differ | ${codes.size} reasons given`,
    );
    expect(differ.slice(0, 20)).to.deep.equal([]);
    expect(codes.size, [...codes].join(' ')).to.be.at.least(LEAST_REASONS);
  }
});

function vectorPair(signatures: readonly TrustSignature[] = []): Pair {
  const { file, trust } = vectors.certificate;
  return { text: `${JSON.stringify(file)}\n`, trust: writeTrust(trust as TrustFile, signatures) };
}

/** What members signed, of whom a verifier of certificates judges nobody. */
const SIGNED = [1, 2].map((institution) => ({
  institution,
  officer: `0x${`${institution}`.repeat(64)}` as Bytes32,
  signature: `0x${'ab'.repeat(64)}` as Hex,
}));

/** Each file, or its trust file, with one edit. */
function editedPairs(random: ReturnType<typeof seeded>, from: readonly Pair[], count: number): Pair[] {
  const [texts, trusts] = [from.map(({ text }) => text), from.map(({ trust }) => trust)];
  return Array.from({ length: count }, () => {
    const { text, trust } = random.pick(from);
    return random.below(OF_TRUST) === 0
      ? { text, trust: edited(random, trust, trusts) }
      : { text: edited(random, text, texts), trust };
  });
}

async function forgedPairs(): Promise<Pair[]> {
  const title = assembleTitle(draft());
  const slots = certificateSlots(title.baUnit);
  const [, state] = slots.landRegistry;
  const plans = [
    {},
    { isSeated: true },
    { bend: withSlot(2, slots.landRegistry[0], (9n << 96n) | 5n) },
    { bend: withSlot(0, slots.charter[1], 9n) },
    { bend: withSlot(0, slots.charter[2], 9n) },
    { bend: withSlot(0, slots.charter[0], 9n) },
    { bend: withSlot(2, state, 0n) },
    { bend: withSlot(2, state, 5n) },
    { bend: withSlot(1, slots.consortium[0], (1n << 208n) | (1n << 168n)) },
    { more: [ZERO_32] },
    { validators: 'stranger' },
  ];
  return Promise.all(plans.map(async (plan) => pairOf(await forge({ title, ...plan }))));
}

/** A recorded chain that lists its validators in every header. */
function listedHeads(): readonly [TrustFile, object][] {
  const { blocks, expected } = recordedChain('osaka-header-mode');
  const raw = (number: number) => blocks.find((block) => block.number === number)?.rawHeader;
  const [genesis, first] = expected;
  const trust: TrustFile = {
    ...trustIn(genesis?.hash ?? ZERO_32, first?.validatorsThatMustSign ?? []),
    lineage: 'qbft-header',
  };
  return [1, 3, expected.at(-1)?.number ?? 0].map((number) => [
    trust,
    { kind: 'qbft-header', first: raw(1), header: raw(number) },
  ]);
}

/** The same certificate with its head co-signed, by a trust file that asks for two of three witnesses. */
function witnessed({ text, trust }: Pair): Pair[] {
  const witnesses = keys(3, 'witness');
  const certificate = readCertificate(text);
  const asks: TrustFile = {
    ...(readTrust(trust) as EmbeddedTrust),
    witnessKeys: witnesses.map(({ address }) => address),
    witnessThreshold: 2,
  };
  const raw = fromHex(certificate.finality.header);
  const head = { blockNumber: readHeader(raw).blockNumber, blockHash: headerHash(raw) };
  const digest = headDigest(asks, head);
  return [1, 2, 3].map((count) => {
    const witnessSignatures = witnesses.slice(0, count).map(({ secret }) => signCompact(digest, secret));
    const finality = { ...(certificate.finality as EmbeddedEvidence), witnessSignatures };
    return { text: writeCertificate({ ...certificate, finality }), trust: writeTrust(asks) };
  });
}

/** Of secp256k1's group: `s` and what is left of this sign alike. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const hexOf = (value: bigint) => value.toString(16).padStart(64, '0');

/** The evidence of a head with the twin of each seal of it, which counts as much. */
function withTwinSeals({ text, trust }: Pair): Pair {
  const evidence = JSON.parse(text);
  const fields = RLP.decode(fromHex(evidence.header)) as Uint8Array[];
  const extra = RLP.decode(fields[EXTRA_DATA] ?? new Uint8Array()) as unknown[];
  extra[4] = (extra[4] as Uint8Array[]).map((seal) => {
    const s = ORDER - BigInt(toHex(seal.subarray(32, 64)));
    return Uint8Array.of(...seal.subarray(0, 32), ...fromHex(`0x${hexOf(s)}`), 1 - (seal[64] ?? 0));
  });
  fields[EXTRA_DATA] = RLP.encode(extra as Uint8Array[]);
  return { text: JSON.stringify({ ...evidence, header: toHex(RLP.encode(fields)) }), trust };
}

/** A state with every section, under headers that throw-away validators sealed. */
async function wholeState(): Promise<Pair> {
  const title = assembleTitle(
    drafts.title({
      spatialUnits: [drafts.spatialUnit(), drafts.spatialUnit()],
      rights: [drafts.ownership([drafts.holding(), drafts.holding()])],
    }),
  );
  const { state } = vectors.land;
  const sections = ['rights', 'charges', 'notices', 'responsibilities', 'applications'] as const;
  const shown = Object.fromEntries(sections.map((name) => [name, state[name]]));
  const forged = pairOf(await forge({ title, facts: [] }));
  const json = JSON.parse(forged.text);
  Object.assign(json.state, shown, { spatialUnits: state.spatialUnits, header: state.header });
  return { text: `${JSON.stringify(json)}\n`, trust: forged.trust };
}

/** Evidence of heads with no, one and many changes of validators, and from a checkpoint. */
async function lineages(): Promise<Pair[]> {
  const all = keys(9);
  const sets = [all.slice(0, 4), all.slice(0, 5), all.slice(1, 5), all.slice(5, 9)] as const;
  const [first, ...later] = sets;
  const chain = await makeChain(first, 12, new Map(later.map((set, i) => [3 * (i + 1), set])));
  const step = async (at: number) => ({
    header: chain.headers[at] ?? '0x',
    validators: await chain.validatorsAfter(at),
  });
  const unsealed = async (at: number) => {
    const found = await step(at);
    return { ...found, header: toHex(hashForm(fromHex(found.header))) };
  };
  const evidence = async (target: number, steps: readonly number[], checkpoint?: number) => ({
    kind: 'qbft',
    first: chain.headers[1],
    ...(checkpoint === undefined ? {} : { checkpoint: await unsealed(checkpoint) }),
    steps: await Promise.all(steps.map(step)),
    parent: await unsealed(target - 1),
    header: chain.headers[target],
  });
  const at = 6;
  const checkpoint = { blockNumber: at, blockHash: chain.hashes[at] ?? ZERO_32 };
  const late = { ...chain.trust, minimumCheckpoint: checkpoint };
  const asked: readonly [TrustFile, object][] = [
    [chain.trust, await evidence(1, [])],
    [chain.trust, await evidence(3, [])],
    [chain.trust, await evidence(5, [3])],
    [chain.trust, await evidence(11, [3, 6, 9])],
    [chain.trust, await evidence(11, [3, 9])],
    [late, await evidence(8, [], at)],
    [late, await evidence(11, [9], at)],
    [late, await evidence(8, [])],
    [late, await evidence(5, [3], at)],
    [chain.trust, await evidence(8, [], at)],
    ...listedHeads(),
  ];
  return asked.map(([trust, json]) => ({ text: JSON.stringify(json), trust: writeTrust(trust) }));
}
