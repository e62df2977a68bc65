/**
 * Certificates under headers that throw-away validators sealed, and edits of their text, for tests.
 */

import { commitFacts, type Fact, type FactSet } from '../../server/domain/acts/facts.ts';
import {
  buildCertificate,
  type Certificate,
  type CertificateParts,
  readCertificate,
} from '../../server/domain/audit/certificate.ts';
import { hashForm } from '../../server/domain/audit/qbft.ts';
import type { QbftTrust, TrustFile } from '../../server/domain/audit/trust.ts';
import { validatorSlots } from '../../server/domain/audit/validators.ts';
import {
  type CurrentAnswer,
  certificateSlots,
  type Verdicts,
  verifyCertificate,
} from '../../server/domain/audit/verifyCertificate.ts';
import { type Bytes32, fromHex, toHex, ZERO_32 } from '../../server/domain/base/hex.ts';
import type { Title } from '../../server/domain/land/acts.ts';
import { stateHash } from '../../server/domain/land/hashes.ts';
import type { TitleDraft } from '../../server/domain/land/registration.ts';
import { applyRegistration } from '../../server/domain/land/transitions.ts';
import { CHARTER, keys, type MadeAccount, makeAccounts, sealHeader, trustIn } from '../chain/forge.ts';
import { codeOf } from '../chain/recorded.ts';
import { type Seeded, seeded } from '../seeded.ts';
import { Drafts } from './landDrafts.ts';

export const SEED = 20_261_126;
export const random: Seeded = seeded(SEED);
export const drafts = new Drafts(random);

const factsOf = (given: Readonly<Record<string, string>>): FactSet =>
  commitFacts(
    Object.entries(given).map(([path, value]): Fact => ({ path, value, salt: drafts.id<Bytes32>() })),
  );
const unitFacts = factsOf({ 'parcel/number': 'KAJ/217', 'parcel/sheet': '12', 'parcel/area-m2': '4120' });
const partyFacts = factsOf({ name: 'Ngozi Ådalen', 'id/number': '27114' });
export const draft = (): TitleDraft =>
  drafts.title({
    factsRoot: unitFacts.root,
    rights: [drafts.ownership([drafts.holding({ partyCommitment: partyFacts.root })])],
  });
export const facts = [
  { of: 'unit', set: unitFacts, paths: ['parcel/number', 'parcel/area-m2'] },
  { of: 'holding/2', set: partyFacts, paths: ['name'] },
] as const;
export const show = ['rights', 'charges', 'notices', 'applications'] as const;

/** The three verdicts in one word each. */
export const codes = (verdicts: Verdicts) =>
  [verdicts.intact, verdicts.anchored, verdicts.current].map((found) =>
    found.verdict === 'no' ? found.code : found.verdict,
  );

// ---- Under headers that throw-away validators sealed ---------------------------------------------------------

export interface Forged {
  readonly trust: QbftTrust;
  readonly certificate: Certificate;
  /** What a node of this chain would answer now. */
  readonly answer: CurrentAnswer;
}

export interface Plan {
  readonly title: Title;
  readonly validators?: string;
  /** Slots changed after the state was made. */
  readonly bend?: (accounts: MadeAccount[]) => MadeAccount[];
  readonly isSeated?: boolean;
  /** Slots of the Charter proved beside those a certificate needs. */
  readonly more?: readonly Bytes32[];
  readonly facts?: CertificateParts['facts'];
}

/** Two blocks over one state: the genesis, and the one that everything is proved under. */
export async function forge({
  title,
  validators = 'validator',
  bend = (same) => same,
  isSeated = false,
  more = [],
  facts: told = facts,
}: Plan): Promise<Forged> {
  const members = keys(4, validators);
  const addresses = members.map(({ address }) => address);
  const trusted = trustIn(ZERO_32, addresses);
  const { contracts } = trusted;
  const kept = applyRegistration(title, 1n, 1_700_000_000n);
  const slots = certificateSlots(title.baUnit);
  const [authority, directory, chainId] = slots.charter;
  const [status, state] = slots.landRegistry;
  const list = validatorSlots(4).map((slot, i): [Bytes32, bigint] => [
    slot,
    i === 0 ? 4n : BigInt(addresses[i - 1] ?? 0),
  ]);
  const accounts: MadeAccount[] = [
    {
      ...CHARTER,
      slots: new Map([
        ...list,
        [authority ?? ZERO_32, BigInt(contracts.consortium.address)],
        [directory ?? ZERO_32, BigInt(contracts.landRegistry.address)],
        [chainId ?? ZERO_32, BigInt(trusted.chainId)],
      ]),
    },
    {
      ...contracts.consortium,
      slots: new Map([[slots.consortium[0] ?? ZERO_32, isSeated ? 1n << 168n : 1n]]),
    },
    {
      ...contracts.landRegistry,
      slots: new Map([
        [status ?? ZERO_32, 1n << 40n],
        [state ?? ZERO_32, BigInt(stateHash(kept.state))],
      ]),
    },
  ];
  const made = await makeAccounts(bend(accounts));
  const genesis = sealHeader({ blockNumber: 0, parentHash: ZERO_32, stateRoot: made.stateRoot }, []);
  const plan = { blockNumber: 1, parentHash: genesis.hash, stateRoot: made.stateRoot };
  const sealed = sealHeader(plan, members.slice(0, 3));
  const parent = {
    header: toHex(hashForm(fromHex(genesis.header))),
    validators: await made.prove(CHARTER.address, validatorSlots(4)),
  };
  const certificate = buildCertificate({
    baUnit: title.baUnit,
    state: kept.state,
    show: [...show],
    facts: told,
    proofs: {
      charter: await made.prove(CHARTER.address, [...slots.charter, ...more]),
      consortium: await made.prove(contracts.consortium.address, slots.consortium),
      landRegistry: await made.prove(contracts.landRegistry.address, slots.landRegistry),
    },
    finality: { kind: 'qbft', first: sealed.header, steps: [], parent, header: sealed.header },
  });
  const answer = {
    header: sealed.header,
    charter: await made.prove(CHARTER.address, slots.charter.slice(1, 2)),
    landRegistry: certificate.proofs.landRegistry,
  };
  return { trust: trustIn(genesis.hash, addresses), certificate, answer };
}

/** The accounts with the slots of one of them changed. */
export const withSlot =
  (index: number, slot: Bytes32 | undefined, value: bigint) => (accounts: MadeAccount[]) =>
    accounts.map((account, i) =>
      i === index ? { ...account, slots: new Map([...account.slots, [slot ?? ZERO_32, value]]) } : account,
    );

/** Edits of one character that passed all checks; every `step`th place, three edits each. */
export function tryEdits(trust: TrustFile, text: string, step: number): string[] {
  const passed: string[] = [];
  let tried = 0;
  for (let at = random.below(step); at < text.length; at += step) {
    const code = text.charCodeAt(at);
    const flipped = String.fromCharCode(code ^ (1 << random.below(7)));
    const other = random.pick([...'0123456789abcdef".,{}[]: x']);
    for (const edited of [flipped, '', other]) {
      if (edited === text[at]) continue;
      tried++;
      const bent = `${text.slice(0, at)}${edited}${text.slice(at + 1)}`;
      const found = passes(trust, bent);
      if (found) passed.push(`${at}: ${text.slice(at - 20, at + 20)} -> ${edited}`);
    }
  }
  console.log(`      edited bytes | seed ${SEED} | ${tried} tried, ${passed.length} let in`);
  return passed;
}

function passes(trust: TrustFile, text: string): boolean {
  let certificate: Certificate | undefined;
  const code = codeOf(() => {
    certificate = readCertificate(text);
  });
  if (code !== undefined || certificate === undefined) return false;
  const { intact, anchored } = verifyCertificate(trust, certificate);
  return intact.verdict === 'yes' && anchored.verdict === 'yes';
}
