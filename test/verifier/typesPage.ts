/**
 * `docs/ledger-types.md`: every enumeration, signed struct and event of the format, written from the code that uses them, so
 * that whoever writes a verifier from the documents has them as they are.
 *
 * Only its test writes and compares it.
 */
import { Interface } from 'ethers';
import { ACT_HEAD } from '../../server/domain/acts/head.ts';
import { struct, type TypeTable } from '../../server/domain/acts/typedData.ts';
import { HEAD_TYPES } from '../../server/domain/audit/lineage.ts';
import * as words from '../../server/domain/base/terms.ts';
import * as aid from '../../server/domain/benefits/terms.ts';
import { ACT_FIELDS, SALE_TYPES } from '../../server/domain/benefits/types.ts';
import { LAND_TYPES } from '../../server/domain/land/acts.ts';
import { NOTARY_TYPES } from '../../server/domain/notary/roots.ts';
import { POWER_TYPES } from '../../server/domain/power/acts.ts';
import { contractOf } from '../../server/ledger/contracts.ts';

type Names = readonly (string | undefined)[];

const NUMBERS: readonly (readonly [title: string, names: Names])[] = [
  ['LandAct', words.LAND_ACTS],
  ['BAUnitStatus', words.UNIT_STATUSES],
  ['Origin', words.ORIGINS],
  ['EvidenceGrade', words.EVIDENCE_GRADES],
  ['RightKind', words.RIGHT_KINDS],
  ['Standing', words.STANDINGS],
  ['Tenancy', words.TENANCIES],
  ['PartyKind', words.PARTY_KINDS],
  ['Signer', words.SIGNERS],
  ['RestrictionKind', words.RESTRICTION_KINDS],
  ['ResponsibilityKind', words.RESPONSIBILITY_KINDS],
  ['ApplicationState', words.APPLICATION_STATES],
  ['ConsentRole', words.CONSENT_ROLES],
  ['KeyKind', words.KEY_KINDS],
  ['RootKind', words.ROOT_KINDS],
  ['MeasureKind', words.MEASURE_KINDS],
  ['BenefitAct', aid.BENEFIT_ACTS],
  ['FundsMove', aid.FUNDS_MOVES],
  ['CycleState', aid.CYCLE_STATES],
  ['CycleStep', aid.CYCLE_STEPS],
  ['Permit, the `standing` of a card, a vendor and a till', aid.PERMITS],
  ['ItemKind', aid.ITEM_KINDS],
  ['SkipReason, in the order of the checks', ['redeemed', ...aid.SKIP_REASONS.slice(1)]],
  ['Role, bits of a roles word', words.ROLES],
  ['Scope, bits of a scope word', words.SCOPES],
];

const BENEFIT_STRUCTS: TypeTable = {
  ...Object.fromEntries(
    Object.entries(ACT_FIELDS).map(([name, fields]) => [name, [...struct('ActHead head'), ...fields]]),
  ),
  ...SALE_TYPES,
};

const STRUCTS: readonly (readonly [title: string, types: TypeTable])[] = [
  ['Of every register', { ActHead: ACT_HEAD }],
  ['Land', LAND_TYPES],
  ['Benefits', BENEFIT_STRUCTS],
  ['Power', POWER_TYPES],
  ['Notary', NOTARY_TYPES],
  ['Heads of the embedded chain', HEAD_TYPES],
];

const EMITTERS = [
  'charter',
  'consortium',
  'council',
  'personnel',
  'safeguards',
  'land',
  'benefits',
  'notary',
] as const;

/** Every event once, by the first contract that can emit it, with its topic. */
function events(): string[] {
  const seen = new Map<string, string>();
  for (const contract of EMITTERS) {
    new Interface(contractOf(contract).abi).forEachEvent((event) => {
      if (seen.has(event.topicHash)) return;
      const text = event
        .format('full')
        .replace(/^event /, '')
        .replaceAll('tuple(', '(');
      seen.set(event.topicHash, `${contract} ${event.topicHash}\n  ${text}`);
    });
  }
  return [...seen.values()];
}

/** What a consortium began with, as the code of its founding file is encoded. */
function foundingText(): string {
  const type = new Interface(contractOf('consortium').abi).getFunction('founding')?.outputs[0];
  return (type?.format('full') ?? '').replaceAll('tuple(', '(');
}

function structLines(types: TypeTable, told: Set<string>): string[] {
  return Object.entries(types).flatMap(([name, fields]) => {
    if (told.has(name)) return [];
    told.add(name);
    return `${name}(${fields.map(({ type, name: field }) => `${type} ${field}`).join(',')})`;
  });
}

const isNamed = (name: string | undefined): name is string => name !== undefined;

export function typesPage(): string {
  const told = new Set<string>();
  return [
    '# Types of the ledger format',
    '',
    'Written from the code by `test/verifier/typesPage.test.ts`; [ledger-format.md](ledger-format.md) says what they mean.',
    '',
    '## Enumerations',
    '',
    'In signed structs and in logs an enumeration is its number (`uint8`), in files its name. Numbers count from 0.',
    '',
    ...NUMBERS.map(([title, names]) => {
      const spelt = names.map((name, i) => `${i} ${name}`).filter(isNamed);
      return `- **${title}**: ${spelt.join(', ')}.`;
    }),
    '',
    '## Signed structs',
    '',
    'A type string is the struct and then, in the order of their names, every struct that it uses, each once (EIP-712). Over an',
    'act `X` the approver signs `Approval(X act,bytes32 approver,uint32 approverEpoch,uint64 deadline)`.',
    '',
    ...STRUCTS.flatMap(([title, types]) => [
      `### ${title}`,
      '',
      '```',
      ...structLines(types, told),
      '```',
      '',
    ]),
    '## What a consortium was founded with',
    '',
    'ABI-encoded, as `founding()` of the consortium answers it.',
    '',
    '```',
    foundingText(),
    '```',
    '',
    '## Events',
    '',
    'The first topic of each and its parameters; `indexed` ones are the next topics, the others ABI-encoded data. Each is named',
    'with the first contract that emits it; those of the journal come from every register.',
    '',
    '```',
    ...events(),
    '```',
    '',
  ].join('\n');
}
