/**
 * The table of orders: what one officer signs alone, once for all registers. The other half of the table of acts.
 *
 * Promises: each function of the contracts that takes one officer's signature has one row, and each row is such a
 * function; a test compares them with the compiled interfaces. Pure data.
 */
import type { Role } from '../base/terms.ts';
import { POWER_KINDS } from '../power/acts.ts';
import { pausesShort, resigns, suspends, votes, withdraws } from '../power/sentences.ts';
import type { Sentence } from '../signer/opened.ts';
import { CONTRACT_OF, registerOfDomain, type SigningRegister } from './domains.ts';
import type { ContractName } from './events.ts';
import { type ActRow, type Caller, rowOf } from './table.ts';
import type { TypedDomain, TypedStruct } from './typedData.ts';

export interface OrderRow {
  /** The struct that the officer signs. */
  readonly type: string;
  /** The register in whose domain it is signed; undefined is that of the act it is about. */
  readonly register: SigningRegister | undefined;
  /** The contract that is called, where it is not the register. */
  readonly contract?: ContractName;
  readonly method: string;
  /** Name of the struct among the arguments. */
  readonly argument: string;
  /** Kinds of the entries it may record. */
  readonly kinds: readonly number[];
  /** Undefined where any officer may. */
  readonly role: Role | undefined;
  /** Open to an officer who is suspended, or whose institution is: what narrows only its signer or a colleague. */
  readonly isOpenToHeld: boolean;
  /** The fields that name the officer and the epoch of the key. */
  readonly signer: { readonly officer: string; readonly epoch: string };
  /** Last second at which it may be recorded, where it names one. */
  readonly until: (order: TypedStruct) => bigint | undefined;
  readonly route: { readonly collection: string; readonly callers: readonly Caller[] };
  /** What the order is, after "Prepares". */
  readonly words: string;
  readonly sentence: Sentence;
  readonly command: string;
}

const BY_OFFICER = { officer: 'officer', epoch: 'epoch' } as const;
const NO_END = () => undefined;
const secondsIn = (field: string) => (order: TypedStruct) => BigInt(order[field] as bigint);
const members = (collection: string) => ({ collection, callers: ['member'] }) as const;

/** Of every register: `IJournal.KIND_WITHDRAWAL`. */
const WITHDRAWAL_KIND = 1;

/** By the struct that the officer signs. */
export const ORDERS = {
  Vote: {
    type: 'Vote',
    register: 'consortium',
    contract: 'council',
    method: 'vote',
    argument: 'ballot',
    kinds: [],
    role: 'vote',
    isOpenToHeld: false,
    signer: BY_OFFICER,
    // A vote against is taken until the measure is closed.
    until: ({ measure, inFavour }) =>
      inFavour === true ? secondsIn('closesAt')(measure as TypedStruct) : undefined,
    route: members('votes'),
    words: "a member's vote on a measure; the first one opens it",
    sentence: votes,
    command: 'member vote',
  },
  ShortPause: {
    type: 'ShortPause',
    register: 'safeguards',
    method: 'pause',
    argument: 'order',
    kinds: [POWER_KINDS.shortPause],
    role: 'pause',
    isOpenToHeld: false,
    signer: BY_OFFICER,
    until: secondsIn('until'),
    route: members('short-pauses'),
    words: 'a pause by one officer, for 72 hours at most and never of redemption',
    sentence: pausesShort,
    command: 'member pause',
  },
  Suspension: {
    type: 'Suspension',
    register: 'personnel',
    method: 'suspendOfficer',
    argument: 'order',
    kinds: [POWER_KINDS.suspension],
    role: 'revoke',
    isOpenToHeld: true,
    signer: { officer: 'revoker', epoch: 'revokerEpoch' },
    until: secondsIn('until'),
    route: members('suspensions'),
    words: 'the suspension of a colleague, for 72 hours at most',
    sentence: suspends,
    command: 'member suspend',
  },
  Resignation: {
    type: 'Resignation',
    register: 'personnel',
    method: 'resign',
    argument: 'order',
    kinds: [POWER_KINDS.resignation],
    role: undefined,
    isOpenToHeld: true,
    signer: BY_OFFICER,
    until: NO_END,
    route: members('resignations'),
    words: "the end of an officer's own record",
    sentence: resigns,
    command: 'member resign',
  },
  Withdrawal: {
    type: 'Withdrawal',
    register: undefined,
    method: 'withdraw',
    argument: 'withdrawal',
    kinds: [WITHDRAWAL_KIND],
    role: undefined,
    isOpenToHeld: false,
    signer: BY_OFFICER,
    until: secondsIn('actDeadline'),
    route: { collection: 'withdrawals', callers: ['registrar', 'agency', 'member'] },
    words: 'that an act which was signed and is not recorded is withdrawn on the ledger, for good',
    sentence: withdraws,
    command: 'member withdraw',
  },
} as const satisfies Readonly<Record<string, OrderRow>>;

export type OrderType = keyof typeof ORDERS;

/** The row of a type that somebody else wrote; undefined where one officer orders nothing of the kind. */
export function orderOf(type: string): OrderRow | undefined {
  return Object.hasOwn(ORDERS, type) ? ORDERS[type as OrderType] : undefined;
}

/** What a function called by name orders. */
export function orderCalled(method: string): OrderRow | undefined {
  return Object.values<OrderRow>(ORDERS).find((row) => row.method === method);
}

/** The row of anything that officers sign. */
export function signedRow(type: string): ActRow | OrderRow | undefined {
  return rowOf(type) ?? orderOf(type);
}

/** Which callers work with what officers sign of a type; nobody where the API prepares none. */
export function callersOf(type: string): readonly Caller[] {
  return signedRow(type)?.route?.callers ?? [];
}

/** The register that an act or an order is signed for; undefined where the domain is of no register. */
export function registerSigned(type: string, domain: TypedDomain): SigningRegister | undefined {
  return signedRow(type)?.register ?? registerOfDomain(domain);
}

/** The contract that an order is sent to. */
export function contractOrdered({ contract, register }: OrderRow, domain: TypedDomain): ContractName {
  const signedFor = register ?? registerOfDomain(domain);
  if (signedFor === undefined) throw new Error('an order for no register');
  return contract ?? CONTRACT_OF[signedFor];
}

/** `docs/acts.md`, its second table. */
export function ordersPage(): string[] {
  const rows: readonly OrderRow[] = Object.values(ORDERS);
  const lines = rows.map(({ type, words, register, contract, method, kinds, role, route, command }) => {
    const called = contract ?? (register === undefined ? 'each' : CONTRACT_OF[register]);
    return [
      type,
      `${words}.`,
      register ?? 'that of the act',
      `\`${called}.${method}\``,
      kinds.join(', ') || 'none',
      role ?? 'any',
      `\`POST /acts/${route.collection}\``,
      `\`${command}\``,
    ];
  });
  return [
    '## The orders one officer signs',
    '',
    'From `server/domain/acts/orders.ts`, likewise. A vote records no entry: its measure does.',
    '',
    '| Order | What it is | Signed for | Call | Kinds of entry | Role | Prepared by | Command |',
    '|---|---|---|---|---|---|---|---|',
    ...lines.map((cells) => `| ${cells.join(' | ')} |`),
    '',
  ];
}
