/**
 * What every field of the API may hold, one value each, written by hand: so that whoever pastes a request from the API
 * page is answered by the rules and by what there is, never by the shape.
 *
 * Promises: a value stands beside every field of a request and of an answer, and fits
 * the shape it stands in; a body is made of the values of its fields, and of alternatives one is filled in; where the ledger
 * has an object, its id is the example, and whatever one example names is of one institution; each request has a key and a salt
 * of its own. Nobody real is in them: people are synthetic, ids are made up. `openapi.ts` calls it.
 */

import { randomBytes, randomUUID } from 'node:crypto';
import { ISO_MOMENT } from '../domain/base/dates.ts';
import { ZERO_32 } from '../domain/base/hex.ts';
import { FILES } from './fileExamples.ts';
import { type LedgerExamples, NO_LEDGER_EXAMPLES } from './ledgerExamples.ts';
import type { Route } from './route.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** A schema of the description, as far as a value must fit it. */
export interface Described {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: Json;
  readonly enum?: readonly Json[];
  readonly anyOf?: readonly Described[];
  readonly oneOf?: readonly Described[];
  readonly properties?: Readonly<Record<string, Described>>;
  readonly items?: Described | boolean;
  readonly pattern?: string;
  readonly format?: string;
  readonly minItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

interface DescribedOperation {
  readonly tags?: readonly string[];
  readonly description?: string;
  /** Only where nobody needs a token. */
  readonly security?: readonly unknown[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in?: string;
    readonly required?: boolean;
    readonly schema: Described;
  }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Described }>>;
  };
}

export interface DescribedApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Described>> };
}

const random = (bytes: number) => `0x${randomBytes(bytes).toString('hex')}`;
const hex = (bytes: number, text: string) => `0x${text.repeat(bytes).slice(0, 2 * bytes)}`;
const ZERO = hex(32, '00');
const ID = hex(32, '4b75647572727521');
const OTHER_ID = hex(32, '5b75647572727522');
const ADDRESS = hex(20, '7a3c');
const SIGNATURE = hex(64, '2f6b');
/** As `shapes.ts` has it of the beginning of every act. */
const HEAD_SALT = '^0x[0-9a-f]{32}$';
const UUID = '6f1d1fae-6a3c-4f0f-9d3e-0a3f2f1f7c11';
/** 1 January 2030, and a month before: acts of an example are not over when they are pasted. */
const LATER = 1_893_456_000;
const THEN = 1_790_000_000;
const ISO = '2026-11-24T14:49:30.000Z';

/** By the name of a field: the first that fits where it stands. */
const AUTHORED: Readonly<Record<string, readonly Json[]>> = {
  // ---- People, places, offices ----
  name: ['Synthetic Person', 'county-registrations'],
  fullName: ['Synthetic Person'],
  idNumber: ['SYNTHETIC-0001'],
  id: [ID, UUID, '4b75647572727521', 'SYNTHETIC-0001', 3],
  phone: ['+254700000001'],
  address: ['Plot 7, Synthetic Road'],
  catchment: ['well'],
  district: ['Synthetic District'],
  number: ['Synthetic/1'],
  other: ['Synthetic/2'],
  alias: ['15CTEG5FGZGFNT'],
  aliases: ['15CTEG5FGZGFNT'],
  replacing: ['Synthetic/7'],
  box: ['36.8,-1.3,36.9,-1.2', 36.8],
  label: ['Counter 3'],
  programmeLabel: ['Drought relief of the north'],
  preparerLabel: ['Registrar 2, Land Office'],
  subjectLabel: ['Shop 12 at the market'],
  vendorLabel: ['Shop 12 at the market'],
  tillLabel: ['Counter by the door'],
  aboutInWords: ['parcel Synthetic/1'],
  labelled: [ID],
  office: [1],
  offices: [1],
  institution: [1],
  institutions: [1],
  path: ['terms/interest'],
  value: ['A loan of 2,000,000 at 9 percent', '5000'],
  link: ['kudurru_4b75647572727521_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
  token: ['kudurru_4b75647572727521_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
  caseNumber: ['CASE/2026/17'],
  caseReference: ['CASE-2026-17'],
  code: ['act-blocked', '4b75-6475-7272-7521-4b75-6475-7272-7521'],
  erasure: [ID],
  ground: ['asked-by-person'],
  settings: ['{"columns":{"nationalId":"ID No."}}'],
  sheet: ['Sheet1'],
  columns: ['ID No.'],
  projection: ['EPSG:32737'],
  callingCode: ['254'],
  nameOrder: ['family-first'],
  profile: ['county-registrations'],
  answer: ['same-person'],
  units: ['hhSize', '12', 12],
  policy: ['benefitTierMinor/404'],
  'Idempotency-Key': [UUID],
  Prefer: ['wait=5'],
  'X-Case-Reference': ['CASE-2026-17'],
  // ---- Cursors: of a page that was answered; an empty one begins, so that it can be pasted ----
  after: [''],
  next: ['NGI3NTY0NzU3MjcyNzUyMQ', 41],
  nextRecords: ['NGI3NTY0NzU3MjcyNzUyMQ'],
  recordsAfter: ['NGI3NTY0NzU3MjcyNzUyMQ'],
  nextTitles: ['NGI3NTY0NzU3MjcyNzUyMQ'],
  titlesAfter: ['NGI3NTY0NzU3MjcyNzUyMQ'],
  before: [12],
  limit: [10],
  // ---- Land ----
  origin: ['legacy'],
  evidence: ['public-document'],
  kind: ['ownership', 'mortgage', 'holding', 'secp256k1', 'registration'],
  standing: ['absolute', 'active', 'registered'],
  tenancy: ['sole'],
  partyKind: ['person'],
  signer: ['own', ID],
  numerator: ['1'],
  denominator: ['1'],
  share: ['1/2'],
  quota: ['1'],
  quotaTotal: ['10'],
  rightId: [1],
  holdingId: [2],
  restrictionId: [3],
  targetRight: [1],
  rank: [1],
  blocks: ['transfer'],
  needsConsent: ['subdivision'],
  feature: [1],
  line: [2],
  statedAreaM2: [1_110],
  computedAreaM2: [1_109.51],
  understoodAs: ['LR/100/2'],
  formerNumbers: ['LR 12'],
  areaM2: [1_109.51],
  parts: [1],
  areaUnit: ['hectares'],
  // ---- Aid ----
  currency: [404],
  currencyCode: ['KES'],
  cycle: [1],
  lane: [0],
  epoch: [1],
  enrolmentEpoch: [1],
  index: [0, '7'],
  till: [1],
  count: [1],
  entryBytes: ['1', 1],
  move: ['fund'],
  step: ['expire'],
  amountMinor: ['1000000'],
  unitValueMinor: ['100'],
  mostPerRedemptionUnits: [50],
  assistedCapUnits: [10],
  emergencyCapUnits: [10],
  disputeSeconds: [604_800],
  leastOpenSeconds: [86_400],
  mostOfflineSeconds: [86_400],
  declaredCount: [1],
  declaredUnits: ['12'],
  // ---- Acts and keys ----
  preparerEpoch: [1],
  approverEpoch: [1],
  revokerEpoch: [1],
  place: [0],
  salt: [hex(16, '3d91'), ID],
  key: [hex(64, '04a1')],
  sourcesRoot: [ZERO],
  corrects: [ZERO],
  mandateCommitment: [ZERO],
  part: ['preparer'],
  notBefore: [0],
  effectiveOn: [0, '0'],
  suspectSince: [0],
  offlineSince: [0],
  from: [0, ISO],
  to: [THEN, ISO],
  knownAt: [THEN],
  deadline: [LATER, `${LATER}`],
  until: [LATER, `${LATER}`],
  role: ['land-preparer'],
  roles: ['registrar', 'land-preparer'],
  scopes: ['land'],
  scope: ['land'],
  days: [30],
  quorum: [2],
  inFavour: [true, 1],
  // ---- Said in answers ----
  act: [ID, 'transfer'],
  about: [ID],
  actor: ['token:4b75647572727521'],
  issuer: ['Administrator of the gateway'],
  personIds: [ID],
  renamed: [ID],
  withheld: ['What the act says of people is left out of `openings`'],
  missingFrom: ['another officer, of institution 1, as land-approver'],
  issuedBy: ['token:4b75647572727521'],
  holder: ['4b75647572727521'],
  by: ['token:4b75647572727521', ADDRESS],
  at: [ISO],
  agreement: ['AGREEMENT-3'],
  answers: ['same-person'],
  applications: [0],
  classes: ['confidential'],
  types: ['person'],
  type: ['/problems/act-blocked', 'person'],
  title: ['act blocked'],
  status: [409, 'active'],
  detail: ['A restriction on the title blocks this act.'],
  message: ['A restriction on the title blocks this act.'],
  reason: ['To handle a complaint or an appeal'],
  clock: ["The ledger and the gateway's machine agree that it is 2026-03-02T08:00:00.000Z."],
  remedy: ['Have the restriction discharged first.'],
  notDone: ['Nothing was recorded and nothing changed.'],
  rule: ['L4'],
  says: ['No act passes a restriction that blocks it.'],
  keeps: ['invariant_L4_nothingPassesARestriction'],
  refuses: ['testFuzz_L4_onlyTheActsOfTheMaskAreBlocked'],
  refusals: ['act-blocked'],
  enforcedIn: ['contracts/land/LandRegistry.sol'],
  statute: [''],
  instance: [`/requests/${UUID}`],
  pointer: ['/titles/0/baUnit'],
  field: ['nationalId'],
  file: [ID],
  purpose: ['case-work'],
  purposes: ['case-work'],
  on: ['2026-11-29'],
  register: ['land'],
  contract: ['land', ADDRESS],
  acts: [ID],
  signingRelyingParty: [ID],
  passkey: [hex(64, '04a1')],
  href: [`/jobs/${UUID}`],
  job: [`/jobs/${UUID}`],
  operation: [`/operations/${UUID}`],
  phase: ['reading'],
  what: ['holding', 'the transfer of a right or part of it'],
  words: ['Right 1, ownership, absolute, sole, begins', 40],
  inWords: ['Right 1, ownership, absolute, sole'],
  sentence: ['Sets the policy benefitTierMinor/404 to 5000.'],
  right: ['ownership'],
  outcome: ['redeemed'],
  state: ['PROJECTED', 'open'],
  keyKind: ['secp256k1'],
  missing: ['approver'],
  ignored: ['Remarks'],
  present: ['ID No.'],
  verdicts: ['signature-not-shown: 3'],
  chainId: [4_321],
  version: ['2', 2],
  seconds: [3],
  total: [41],
  rows: [],
};

/** What may not be far ahead is so from when the gateway was started: two days. */
const SOON: readonly string[] = ['closesAt', 'until', 'pausedUntil', 'endsAt'];
const SOON_SECONDS = 2 * 86_400;
/** The first second that the ledger counts: it says that no time is meant. */
const NO_TIME = '1970-01-01';
/** Days of moments that are over, or that none is meant of. */
const DAYS: Readonly<Record<string, string>> = {
  notBefore: NO_TIME,
  effectiveOn: NO_TIME,
  suspectSince: NO_TIME,
  offlineSince: NO_TIME,
  from: NO_TIME,
  to: '2026-09-21',
  knownAt: '2026-09-21',
};
const dayOf = (seconds: number) => new Date(seconds * 1_000).toISOString().slice(0, 10);

/** By the end of a name, where the name alone is not listed. */
const BY_ENDING: readonly (readonly [ending: RegExp, values: readonly Json[]])[] = [
  [/Minor$/, ['1000000']],
  [
    /^(?:funded|unallocated|outstanding|held|instructed|redeemed|expired|reclaimed|defunded|credited|clawedBack|disputed|settled|returned|payable|waiting|unitValue)$/,
    ['KES 10,000.00'],
  ],
  [/[a-z]Units$/, [ID, '235', 12]],
  [/(?:At|From|Until|On|By|Since|^until)$/, [ISO, `${LATER}`, LATER]],
  [/Seconds$/, ['86400', 86_400]],
  [
    /(?:Hash|Id|hash|Root|root|Commitment|Nonce|id|subject|measure|officer|preparer|programme|vendor|baUnit|onBehalfOf|target|ids|challenge|head|previous|revoker|items|baUnits|spatialUnits|by)$/,
    [ID, ADDRESS],
  ],
  [/(?:verifier|validators?|consortium|keyId)$/, [ADDRESS, ID]],
  [/(?:possession|signature)$/i, [SIGNATURE]],
  [/^(?:is|by|lapses)[A-Z]|^(?:ok|ready|retryable|removed|revoked|alive|takenBack|builtIn)$/, [true]],
  [/(?:blockNumber|index|number)$/i, ['47', 47]],
];

const OFFICER_RECORD: Json = {
  format: 'kudurru-officer-1',
  officer: '0x30a74712e4adf8616e9eb44b5b8697262a58e74c6409fcf88a34d910caa252ed',
  salt: '0x2051e51ab0e5c06b333e8ead0918c6c365c87a3ba5dd7455dc057c23420b12aa',
  institution: 1,
  office: 0,
  roles: ['land-preparer'],
  key: {
    kind: 'secp256k1',
    keyHash: '0x6902c3b43959a83e7ac76e46c74a02381ae17b3178472771d180ebadbe3c9e2e',
    possession:
      '0x760dbf4fb71043807ba9c459c7904f274113b21b5b256c356bd3e1e33126811802a17096c4cf175c4057178e880bf75ca6120bee19733a4b7b58307ff56acb66',
  },
  spare: {
    kind: 'secp256k1',
    keyHash: '0x0142fb67bd9c51649ee974f98b2a2db35d014d9f79a0734c0777d2b39b0b8ee1',
    possession:
      '0xe840084cc7900e978e045dc435811f888e99d995ae7898da8169e99b89df7656f89d9b6610c6d2cf1de37d6b271b47ca492d067b50a30645a03df2fe3137f0d0',
  },
};

/** Of fields whose parts only fit together. */
const WHOLE: Readonly<Record<string, Json>> = {
  // One that appoints nobody: whoever is appointed shows a key, which nobody writes beside a field.
  proposal: { kind: 'set-policy', policy: 'benefitTierMinor/404', value: '5000' },
  officer: OFFICER_RECORD,
  officers: OFFICER_RECORD,
  columns: { nationalId: 'ID No.', units: 'Household size' },
  within: [36, -2, 38, 0],
  answers: { code: 'person-known', answer: 'same-person' },
};

/** Whole bodies, where fields that exclude one another stand side by side, or of which only a key can make a good one. */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  'POST /tokens': ['office', 'vendor'],
  'POST /acts/registrations': ['quotaTotal', 'possession', 'answer'],
  'POST /acts/parts': ['possession', 'answer'],
  'POST /acts/transfers': ['possession', 'answer', 'staying[]'],
  'POST /acts/consolidations': ['possession', 'answer'],
  'POST /acts/restrictions': ['possession'],
  'POST /acts/programmes': ['policyHash'],
  'POST /acts/funds': ['sourceCommitment'],
  'POST /acts/settlements': ['statementHash'],
  'POST /acts/credit-releases': ['caseCommitment'],
  'POST /acts/enrolments': ['keyKind', 'keyId', 'possession'],
  'POST /acts/cards': ['possession'],
  'POST /acts/tills': ['possession'],
  'POST /acts/votes': ['officers'],
};

/** Stands for the day on which the description is read. */
const TODAY = 'today';
/** Stands for the id of something that is not there yet. */
const NEW_ID = 'new';
/** Whoever is assisted in person: a key would have to be held by who pastes it. */
const ASSISTED = { keyHash: ZERO_32, signer: 'none' };

/** Where a name means something else than everywhere. */
const OF_ROUTE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'POST /acts/registrations': ASSISTED,
  'POST /acts/parts': ASSISTED,
  'POST /acts/transfers': ASSISTED,
  'POST /acts/consolidations': ASSISTED,
  'POST /acts/restrictions': { holderKeyHash: ZERO_32 },
  'POST /acts/programmes': { programme: NEW_ID },
  'POST /acts/vendors': { vendor: NEW_ID },
  'GET /rules/{id}': { id: 'L4' },
  'GET /titles/{baUnit}': { effectiveOn: TODAY, knownAt: TODAY },
};

/** What a query may have beside what it needs that goes well with all else of it: one way to look. */
const PASTED_QUERY: Readonly<Record<string, readonly string[]>> = {
  'GET /parcels': ['limit', 'number'],
  'GET /titles/search': ['limit', 'number'],
  'GET /acts': ['limit', 'waitsFor'],
  'GET /tokens': ['limit', 'institution'],
  'GET /officers': ['limit', 'institution'],
  'GET /measures': ['limit', 'open'],
  'GET /titles/{baUnit}': ['effectiveOn', 'knownAt'],
};

const isPastedQuery = (called: string, name: string): boolean =>
  name === 'after' || (PASTED_QUERY[called]?.includes(name) ?? name === 'limit');

/** Of a passkey alone, or the other of two that are never stated together. */
const EXCLUDED: readonly string[] = ['rpIdHash', 'after', 'before', 'recordsAfter', 'titlesAfter'];

/** The description with a value beside every field, and with bodies that can be pasted. */
export function withExamples<T extends DescribedApi>(
  api: T,
  nowSeconds: number,
  ofLedger: LedgerExamples = NO_LEDGER_EXAMPLES,
): T {
  let [tag, called] = ['', ''];
  const known = (name: string, within = '', nth = 0): readonly Json[] => {
    const ofRoute = OF_ROUTE[called]?.[name];
    if (ofRoute === NEW_ID) return [random(32)];
    if (ofRoute !== undefined) return [ofRoute === TODAY ? dayOf(nowSeconds) : ofRoute];
    const { values } = ofLedger;
    const inside = values[`${called} ${within}.${name}`];
    const value = inside ?? values[`${called} ${name}`] ?? values[`${tag} ${name}`] ?? values[name];
    if (value === undefined) return [];
    return Array.isArray(value) ? [value[nth] ?? value[0]] : [value as string | number];
  };
  /** What makes one request and no other, where it is another one in every example. */
  const fresh = (name: string, schema: Described): Json | undefined => {
    if (name === 'Idempotency-Key') return randomUUID();
    return name === 'salt' && schema.pattern === HEAD_SALT ? random(16) : undefined;
  };
  const soon = nowSeconds + SOON_SECONDS;
  const schemas = api.components?.schemas ?? {};
  const resolved = (schema: Described): Described =>
    schema.$ref === undefined ? schema : (schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});

  /** Something of this shape, of the authored values of its fields. */
  function made(
    given: Described,
    name: string,
    left: readonly string[],
    nth = 0,
    within = '',
  ): Json | undefined {
    const schema = resolved(given);
    const whole = WHOLE[name];
    const isList = Array.isArray(whole);
    const isObject = schema.type === 'object' || schema.oneOf !== undefined;
    if (whole !== undefined && (isList ? schema.type === 'array' : isObject)) return whole;
    if (schema.properties !== undefined) {
      const fields = Object.entries(schema.properties).flatMap(([field, of]) => {
        const value = left.includes(field) ? undefined : made(of, field, left, nth, name);
        return value === undefined ? [] : [[field, value] as const];
      });
      return Object.fromEntries(fields);
    }
    if (schema.type === 'array') {
      if (left.includes(`${name}[]`)) return []; // of two lists that make one whole, the other has it all
      const of = typeof schema.items === 'object' ? schema.items : {};
      const items = Array.from({ length: schema.minItems ?? 1 }, (_, i) => made(of, name, left, i, within));
      return items.filter((item) => item !== undefined);
    }
    const variants = schema.oneOf ?? schema.anyOf ?? [];
    const [first] = variants;
    const there = known(name, within, nth).find((value) =>
      variants.some((variant) => fits(value, resolved(variant))),
    );
    if (first !== undefined) return there ?? made(first, name, left, nth, within);
    const value = fresh(name, schema) ?? exampleOf(name, schema, soon, known(name, within, nth));
    return nth > 0 && typeof value === 'string' && value === ID ? OTHER_ID : value;
  }

  /** Puts a value beside every field below a shape. */
  function mark(given: Described, name: string): void {
    if (given.$ref !== undefined) return; // its own schema is marked by itself
    for (const [field, of] of Object.entries(given.properties ?? {})) mark(of, field);
    if (typeof given.items === 'object') mark(given.items, name);
    for (const variant of [...(given.anyOf ?? []), ...(given.oneOf ?? [])]) mark(variant, name);
    const isLeaf = given.type !== undefined && given.type !== 'object' && given.type !== 'array';
    const value = isLeaf ? exampleOf(name, given, soon, known(name)) : undefined;
    if (value !== undefined) Object.assign(given, { examples: [value] });
  }

  for (const schema of Object.values(schemas)) mark(schema, '');
  for (const [path, operations] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      [tag = ''] = operation.tags ?? [];
      called = `${method.toUpperCase()} ${path}`;
      const institution = ofLedger.institutions[tag as Route['tag']] ?? ofLedger.institutions.land;
      if (institution !== undefined && operation.security === undefined) {
        Object.assign(operation, {
          'x-example-institution': institution,
          description: `${operation.description ?? ''} The example is of institution ${institution}.`.trim(),
        });
      }
      for (const parameter of operation.parameters ?? []) {
        mark(parameter.schema, parameter.name);
        const isPasted =
          parameter.required === true || parameter.in !== 'query' || isPastedQuery(called, parameter.name);
        const example = isPasted ? made(parameter.schema, parameter.name, []) : undefined;
        if (example !== undefined) Object.assign(parameter, { example });
        else {
          // Of alternatives each has its own: whoever reads the parameter alone is shown one of them.
          const value = made(parameter.schema, parameter.name, [...EXCLUDED]);
          if (value !== undefined) Object.assign(parameter.schema, { examples: [value] });
        }
      }
      for (const [media, content] of Object.entries(operation.requestBody?.content ?? {})) {
        mark(content.schema, '');
        const files = FILES[called];
        const example =
          files !== undefined
            ? files[media]
            : made(content.schema, '', [...EXCLUDED, ...(LEFT_OUT[called] ?? [])]);
        if (example !== undefined) Object.assign(content, { example });
      }
      const { responses = {} } = operation as {
        responses?: Readonly<Record<string, { content?: Readonly<Record<string, { schema?: Described }>> }>>;
      };
      for (const { content = {} } of Object.values(responses)) {
        for (const { schema } of Object.values(content)) if (schema !== undefined) mark(schema, '');
      }
    }
  }
  return api;
}

/** The authored value of a field that fits its shape; undefined where none does. */
function exampleOf(name: string, schema: Described, soon: number, known: readonly Json[]): Json | undefined {
  if (schema.const !== undefined) return schema.const;
  const own = known.find((value) => fits(value, schema));
  if (own !== undefined) return own;
  if (schema.pattern === ISO_MOMENT.source) {
    return SOON.includes(name) ? dayOf(soon) : (DAYS[name] ?? dayOf(LATER));
  }
  const listed = SOON.includes(name) ? [soon, `${soon}`] : (AUTHORED[name] ?? []);
  const ending = BY_ENDING.find(([pattern]) => pattern.test(name))?.[1] ?? [];
  const fitting = [...listed, ...ending].find((value) => fits(value, schema));
  if (fitting !== undefined) return fitting;
  if (schema.enum !== undefined) return schema.enum.find((value) => value !== 'unspecified');
  if (schema.type === 'boolean') return true;
  if (schema.type === 'integer' || schema.type === 'number') return Math.max(schema.minimum ?? 1, 1);
  return undefined;
}

function fits(value: Json, schema: Described): boolean {
  if (schema.enum !== undefined) return schema.enum.includes(value);
  const { type, pattern, format, minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema;
  if (typeof value === 'string') {
    const isLong = value.length < minLength || value.length > maxLength;
    const isOther = pattern !== undefined && !new RegExp(pattern).test(value);
    const isDate = /^\d{4}-\d\d-\d\dT/.test(value);
    const isMoment = format === 'date-time' ? isDate : !isDate;
    const isUuid = format !== 'uuid' || value === UUID;
    return type === 'string' && !isLong && !isOther && isMoment && isUuid;
  }
  if (typeof value === 'number') {
    const isNumber = type === 'number' || (type === 'integer' && Number.isInteger(value));
    return isNumber && value >= (schema.minimum ?? 0) && value <= (schema.maximum ?? Number.MAX_VALUE);
  }
  return typeof value === type;
}
