/**
 * The table of acts: what is true of every act that two officers sign, once for all registers.
 *
 * Hides nothing. Promises: each function of the contracts that takes two officers' signatures has one row, and each
 * row is such a function; a test compares them with the compiled interfaces. The call, the register whose domain is
 * signed, who must consent to what, the kinds of its entries, the roles of its officers, the route that prepares it
 * and the words a signer reads all come from here. A new act is one row, its domain functions and its function of
 * the contract. Pure data.
 */
import { LAND_ACTS, LAND_KIND_BASE, type LandAct, numberOf, type Role } from '../base/terms.ts';
import {
  definesProgramme,
  enrols,
  movesCycle,
  movesFunds,
  opensCycle,
  pausesProgramme,
  releasesCredit,
  resumesProgramme,
  setsCard,
  setsTill,
  setsVendor,
  settles,
} from '../benefits/sentences.ts';
import { BENEFIT_ACTS, BENEFIT_KIND_BASE, type BenefitAct } from '../benefits/terms.ts';
import {
  cancelsDivision,
  consolidates,
  createsRestriction,
  discharges,
  opensDivision,
  registersParts,
  registersTitle,
  registersTitles,
  subdivides,
  transfersRight,
} from '../land/sentences.ts';
import { POWER_KINDS } from '../power/acts.ts';
import {
  appointsOfficer,
  appointsRecorder,
  endsRecorder,
  freesOfficer,
  pausesLong,
  releases,
  revokesOfficer,
  rotatesKey,
} from '../power/sentences.ts';
import {
  type ConsentTerms,
  consolidationTerms,
  dischargeTerms,
  divisionTerms,
  partTerms,
  restrictionTerms,
  subdivisionTerms,
  transferTerms,
} from '../signer/consentTerms.ts';
import type { Sentence } from '../signer/opened.ts';
import type { SigningRegister } from './domains.ts';
import type { ContractName } from './events.ts';
import type { TypedStruct } from './typedData.ts';

export interface ActRow {
  /** The struct that the preparer signs. */
  readonly type: string;
  /** The register in whose domain it is signed. */
  readonly register: SigningRegister;
  /** The contract that is called, and its function. */
  readonly contract: ContractName;
  readonly method: string;
  /** Kinds of the entries it may record. */
  readonly kinds: readonly number[];
  /** What a consent to this act names; undefined where nobody consents and the call takes no consents. */
  readonly consents: ((act: TypedStruct) => ConsentTerms) | undefined;
  readonly roles: { readonly preparer: Role; readonly approver: Role };
  /** It makes units of land, so whoever keeps the office prepares it. */
  readonly isOfKeeper?: true;
  /** The collection below `/acts` that prepares it, and who may call it. */
  readonly route: { readonly collection: string; readonly callers: readonly Caller[] };
  /** What the act is, after "Prepares". */
  readonly words: string;
  /** What its signers are told first. */
  readonly sentence: Sentence;
  /** The command that prepares it. */
  readonly command: string;
}

/** Who prepares acts and signs them: roles of the API. */
export type Caller = 'registrar' | 'agency' | 'member';

const LAND = { preparer: 'land-preparer', approver: 'land-approver' } as const;
const AID = { preparer: 'aid-preparer', approver: 'aid-approver' } as const;
const ADMIN = { preparer: 'admin-preparer', approver: 'admin-approver' } as const;
const PAUSE = { preparer: 'pause', approver: 'pause' } as const;

const landKinds = (...acts: readonly LandAct[]) =>
  acts.map((act) => LAND_KIND_BASE + numberOf(LAND_ACTS, act));
const benefitKinds = (act: BenefitAct) => [BENEFIT_KIND_BASE + BENEFIT_ACTS.indexOf(act)];
const registrars = (collection: string) => ({ collection, callers: ['registrar'] }) as const;
const agencies = (collection: string) => ({ collection, callers: ['agency'] }) as const;
const members = (collection: string) => ({ collection, callers: ['member'] }) as const;

/** By the struct that the preparer signs. */
export const ACTS = {
  // ---- Land ----
  RegisterTitle: {
    type: 'RegisterTitle',
    register: 'landRegistry',
    contract: 'land',
    method: 'registerTitle',
    kinds: landKinds('registration'),
    consents: undefined,
    roles: LAND,
    isOfKeeper: true,
    route: registrars('registrations'),
    words: 'the first registration of a title',
    sentence: registersTitle,
    command: 'desk prepare registrations',
  },
  Batch: {
    type: 'Batch',
    register: 'landRegistry',
    contract: 'land',
    method: 'registerTitles',
    kinds: landKinds('registration'),
    consents: undefined,
    roles: LAND,
    isOfKeeper: true,
    route: registrars('registrations'),
    words: 'first registrations, up to fifty under one pair of signatures',
    sentence: registersTitles,
    command: 'desk prepare registrations',
  },
  RegisterParts: {
    type: 'RegisterParts',
    register: 'landRegistry',
    contract: 'landParts',
    method: 'registerParts',
    kinds: landKinds('part-registration'),
    consents: partTerms,
    roles: LAND,
    isOfKeeper: true,
    route: registrars('parts'),
    words: 'the first registration of parts of a base unit, each with its quota',
    sentence: registersParts,
    command: 'desk prepare parts',
  },
  TransferRight: {
    type: 'TransferRight',
    register: 'landRegistry',
    contract: 'landTransfers',
    method: 'transferRight',
    kinds: landKinds('transfer'),
    consents: transferTerms,
    roles: LAND,
    route: registrars('transfers'),
    words: 'the transfer of a right or part of it',
    sentence: transfersRight,
    command: 'desk prepare transfers',
  },
  CreateRestriction: {
    type: 'CreateRestriction',
    register: 'landRegistry',
    contract: 'landCharges',
    method: 'createRestriction',
    kinds: landKinds('mortgage', 'caution'),
    consents: restrictionTerms,
    roles: LAND,
    route: registrars('restrictions'),
    words: 'a mortgage or a caution',
    sentence: createsRestriction,
    command: 'desk prepare restrictions',
  },
  Discharge: {
    type: 'Discharge',
    register: 'landRegistry',
    contract: 'landCharges',
    method: 'discharge',
    kinds: landKinds('discharge', 'caution-withdrawal'),
    consents: dischargeTerms,
    roles: LAND,
    route: registrars('discharges'),
    words: 'the release of mortgages, or the withdrawal of cautions',
    sentence: discharges,
    command: 'desk prepare discharges',
  },
  Subdivide: {
    type: 'Subdivide',
    register: 'landRegistry',
    contract: 'landPartition',
    method: 'subdivide',
    kinds: landKinds('subdivision'),
    consents: subdivisionTerms,
    roles: LAND,
    isOfKeeper: true,
    route: registrars('subdivisions'),
    words: 'the division of a unit into surveyed children',
    sentence: subdivides,
    command: 'desk prepare subdivisions',
  },
  OpenDivision: {
    type: 'OpenDivision',
    register: 'landRegistry',
    contract: 'landDivision',
    method: 'openDivision',
    kinds: landKinds('division-opening'),
    consents: divisionTerms,
    roles: LAND,
    isOfKeeper: true,
    route: registrars('divisions'),
    words: 'the opening of a division into more surveyed children; they follow through `division`',
    sentence: opensDivision,
    command: 'desk prepare divisions',
  },
  CancelDivision: {
    type: 'CancelDivision',
    register: 'landRegistry',
    contract: 'landDivision',
    method: 'cancelDivision',
    kinds: landKinds('division-cancellation'),
    consents: undefined,
    roles: LAND,
    route: registrars('division-cancellations'),
    words: 'the cancellation of a division that is not completed',
    sentence: cancelsDivision,
    command: 'desk prepare division-cancellations',
  },
  Consolidate: {
    type: 'Consolidate',
    register: 'landRegistry',
    contract: 'landPartition',
    method: 'consolidate',
    kinds: landKinds('consolidation'),
    consents: consolidationTerms,
    roles: LAND,
    isOfKeeper: true,
    route: registrars('consolidations'),
    words: 'the consolidation of units into one surveyed child',
    sentence: consolidates,
    command: 'desk prepare consolidations',
  },

  // ---- Benefits ----
  DefineProgramme: {
    type: 'DefineProgramme',
    register: 'benefitLedger',
    contract: 'benefits',
    method: 'defineProgramme',
    kinds: benefitKinds('programme-defined'),
    consents: undefined,
    roles: AID,
    route: agencies('programmes'),
    words: 'the definition of a programme',
    sentence: definesProgramme,
    command: 'desk prepare programmes',
  },
  MoveFunds: {
    type: 'MoveFunds',
    register: 'benefitLedger',
    contract: 'benefits',
    method: 'moveFunds',
    kinds: benefitKinds('funds-moved'),
    consents: undefined,
    roles: AID,
    route: agencies('funds'),
    words: 'funding, the re-use of what expired or was reclaimed, or a return to the donor',
    sentence: movesFunds,
    command: 'desk prepare funds',
  },
  PauseProgramme: {
    type: 'PauseProgramme',
    register: 'benefitLedger',
    contract: 'benefits',
    method: 'pauseProgramme',
    kinds: benefitKinds('programme-paused'),
    consents: undefined,
    roles: AID,
    route: agencies('pauses'),
    words: 'the pause of a programme',
    sentence: pausesProgramme,
    command: 'desk prepare pauses',
  },
  ResumeProgramme: {
    type: 'ResumeProgramme',
    register: 'benefitLedger',
    contract: 'benefits',
    method: 'resumeProgramme',
    kinds: benefitKinds('programme-resumed'),
    consents: undefined,
    roles: AID,
    route: agencies('resumptions'),
    words: 'the end of the pause of a programme',
    sentence: resumesProgramme,
    command: 'desk prepare resumptions',
  },
  Enrol: {
    type: 'Enrol',
    register: 'benefitLedger',
    contract: 'benefits',
    method: 'enrol',
    kinds: benefitKinds('enrolled'),
    consents: undefined,
    roles: AID,
    route: agencies('enrolments'),
    words: 'the enrolment of people with their cards; the words follow through `slots`',
    sentence: enrols,
    command: 'desk prepare enrolments',
  },
  SetCard: {
    type: 'SetCard',
    register: 'benefitLedger',
    contract: 'benefits',
    method: 'setCard',
    kinds: benefitKinds('card-set'),
    consents: undefined,
    roles: AID,
    route: agencies('cards'),
    words: 'the replacement, suspension or revocation of a card',
    sentence: setsCard,
    command: 'desk prepare cards',
  },
  SetVendor: {
    type: 'SetVendor',
    register: 'benefitLedger',
    contract: 'benefits',
    method: 'setVendor',
    kinds: benefitKinds('vendor-set'),
    consents: undefined,
    roles: AID,
    route: agencies('vendors'),
    words: 'the registration, suspension or revocation of a vendor',
    sentence: setsVendor,
    command: 'desk prepare vendors',
  },
  SetTill: {
    type: 'SetTill',
    register: 'benefitLedger',
    contract: 'benefits',
    method: 'setTill',
    kinds: benefitKinds('till-set'),
    consents: undefined,
    roles: AID,
    route: agencies('tills'),
    words: "the registration or revocation of a vendor's till",
    sentence: setsTill,
    command: 'desk prepare tills',
  },
  CycleEnvelope: {
    type: 'CycleEnvelope',
    register: 'benefitLedger',
    contract: 'benefits',
    method: 'openCycle',
    kinds: benefitKinds('cycle-opened'),
    consents: undefined,
    roles: AID,
    route: agencies('cycles'),
    words: 'the envelope of a cycle over an uploaded roll; the words follow through `units`',
    sentence: opensCycle,
    command: 'desk prepare cycles',
  },
  MoveCycle: {
    type: 'MoveCycle',
    register: 'benefitLedger',
    contract: 'benefits',
    method: 'moveCycle',
    kinds: benefitKinds('cycle-moved'),
    consents: undefined,
    roles: AID,
    route: agencies('cycle-steps'),
    words: 'that a cycle is cancelled, ended early, expired, reclaimed or closed',
    sentence: movesCycle,
    command: 'desk prepare cycle-steps',
  },
  Settle: {
    type: 'Settle',
    register: 'benefitLedger',
    contract: 'benefits',
    method: 'settle',
    kinds: benefitKinds('settled'),
    consents: undefined,
    roles: AID,
    route: agencies('settlements'),
    words: 'the settlement of everything a vendor may be paid for now',
    sentence: settles,
    command: 'desk prepare settlements',
  },
  ReleaseCredit: {
    type: 'ReleaseCredit',
    register: 'benefitLedger',
    contract: 'benefits',
    method: 'releaseCredit',
    kinds: benefitKinds('credit-released'),
    consents: undefined,
    roles: AID,
    route: agencies('credit-releases'),
    words: 'that a vendor may be paid for sales posted after a suspension',
    sentence: releasesCredit,
    command: 'desk prepare credit-releases',
  },

  // ---- Power ----
  AppointOfficer: {
    type: 'AppointOfficer',
    register: 'personnel',
    contract: 'personnel',
    method: 'appointOfficer',
    kinds: [POWER_KINDS.appointOfficer],
    consents: undefined,
    roles: ADMIN,
    route: members('appointments'),
    words: 'the appointment of an officer',
    sentence: appointsOfficer,
    command: 'member appoint',
  },
  RotateKey: {
    type: 'RotateKey',
    register: 'personnel',
    contract: 'personnel',
    method: 'rotateKey',
    kinds: [POWER_KINDS.rotateKey],
    consents: undefined,
    roles: ADMIN,
    route: members('key-changes'),
    words: "the change of an officer's key",
    sentence: rotatesKey,
    command: 'member rotate',
  },
  AppointRecorder: {
    type: 'AppointRecorder',
    register: 'notary',
    contract: 'notary',
    method: 'appointRecorder',
    kinds: [POWER_KINDS.appointRecorder],
    consents: undefined,
    roles: ADMIN,
    route: members('recorders'),
    words: "the appointment of an institution's recorder key",
    sentence: appointsRecorder,
    command: 'member recorder',
  },
  RevokeRecorder: {
    type: 'RevokeRecorder',
    register: 'notary',
    contract: 'notary',
    method: 'revokeRecorder',
    kinds: [POWER_KINDS.revokeRecorder],
    consents: undefined,
    roles: ADMIN,
    route: members('recorder-ends'),
    words: "the end of an institution's recorder key",
    sentence: endsRecorder,
    command: 'member end-recorder',
  },
  RevokeOfficer: {
    type: 'RevokeOfficer',
    register: 'personnel',
    contract: 'personnel',
    method: 'revokeOfficer',
    kinds: [POWER_KINDS.revokeOfficer],
    consents: undefined,
    roles: ADMIN,
    route: members('revocations'),
    words: 'that an officer is revoked for good',
    sentence: revokesOfficer,
    command: 'member revoke',
  },
  FreeOfficer: {
    type: 'FreeOfficer',
    register: 'personnel',
    contract: 'personnel',
    method: 'freeOfficer',
    kinds: [POWER_KINDS.freeOfficer],
    consents: undefined,
    roles: ADMIN,
    route: members('officer-releases'),
    words: "the end of an officer's suspension",
    sentence: freesOfficer,
    command: 'member free',
  },
  LongPause: {
    type: 'LongPause',
    register: 'safeguards',
    contract: 'safeguards',
    method: 'pauseLong',
    kinds: [POWER_KINDS.longPause],
    consents: undefined,
    roles: PAUSE,
    route: members('long-pauses'),
    words: 'a pause by two institutions',
    sentence: pausesLong,
    command: 'member pause-long',
  },
  Unpause: {
    type: 'Unpause',
    register: 'safeguards',
    contract: 'safeguards',
    method: 'unpause',
    kinds: [POWER_KINDS.unpause],
    consents: undefined,
    roles: PAUSE,
    route: members('pause-ends'),
    words: 'the end of a pause',
    sentence: releases,
    command: 'member unpause',
  },
} as const satisfies Readonly<Record<string, ActRow>>;

export type ActType = keyof typeof ACTS;

/** The row of a type that somebody else wrote; undefined where no register has such an act. */
export function rowOf(type: string): ActRow | undefined {
  return Object.hasOwn(ACTS, type) ? ACTS[type as ActType] : undefined;
}

/** The row of an act that was made here. */
export function rowOfAct({ primaryType }: { readonly primaryType: string }): ActRow {
  const row = rowOf(primaryType);
  if (row === undefined) throw new Error(`no act of type ${primaryType}`);
  return row;
}

/** `docs/acts.md`, its first table: for who reads and does not run it. */
export function actsPage(): string {
  const rows: readonly ActRow[] = Object.values(ACTS);
  const lines = rows.map(
    ({ type, register, contract, method, kinds, consents, roles, route, words, command }) => {
      const officers =
        roles.preparer === roles.approver ? roles.preparer : `${roles.preparer}, ${roles.approver}`;
      const asks = consents === undefined ? 'no' : 'yes';
      const cells = [
        type,
        `${words}.`,
        register,
        `\`${contract}.${method}\``,
        kinds.join(', '),
        asks,
        officers,
        `\`POST /acts/${route.collection}\``,
        `\`${command}\``,
      ];
      return `| ${cells.join(' | ')} |`;
    },
  );
  return [
    '# The acts two officers sign',
    '',
    'One row an act, from `server/domain/acts/table.ts`; a test holds this page, the table and the contracts together.',
    '',
    '| Act | What it is | Signed for | Call | Kinds of entry | Consents | Roles | Prepared by | Command |',
    '|---|---|---|---|---|---|---|---|---|',
    ...lines,
    '',
  ].join('\n');
}
