/** What each measure takes after `--set`, for whoever proposes one from the command line. */
import type { Proposal } from '../server/domain/power/proposals.ts';
import { NotUnderstood } from './answer.ts';

interface Fields {
  readonly needed: readonly string[];
  readonly optional?: readonly string[];
  /** It appoints officers, whose records are given by `--officer`. */
  readonly appoints?: true;
}

const [INSTITUTION, VALIDATOR] = ['institution', 'validator'];

/** By kind; a test holds them against the shapes of the API. */
export const MEASURE_FIELDS: Readonly<Record<Proposal['kind'], Fields>> = {
  'admit-institution': { needed: [INSTITUTION, 'roles'], appoints: true },
  'expel-institution': { needed: [INSTITUTION] },
  'suspend-institution': { needed: [INSTITUTION] },
  'lift-suspension': { needed: [INSTITUTION] },
  'set-institution-roles': { needed: [INSTITUTION, 'roles'] },
  'reseat-institution': { needed: [INSTITUTION], appoints: true },
  'set-quorum': { needed: ['quorum'] },
  'set-widening-wait': { needed: ['seconds'] },
  'set-appointment-wait': { needed: ['seconds'] },
  'allow-verifier': { needed: ['verifier', 'keyKind'] },
  'disallow-verifier': { needed: ['verifier'] },
  'add-validator': { needed: [INSTITUTION, VALIDATOR] },
  'remove-validator': { needed: [VALIDATOR] },
  'set-policy': { needed: ['policy', 'value'] },
  'put-in-force': { needed: ['register', 'contract'], optional: ['importHash'] },
  'pass-authority': { needed: ['consortium'] },
  'move-office': { needed: [INSTITUTION, 'office'] },
  'record-halt': { needed: ['from', 'to'] },
  'replace-validator': { needed: [INSTITUTION, VALIDATOR, 'by'] },
  'revoke-officer': { needed: ['officer'] },
  'free-officer': { needed: ['officer'] },
};

/** What stands behind `=`, as a person would fill it in. */
const VALUES: Readonly<Record<string, string>> = {
  institution: 'NUMBER',
  roles: 'ROLE,ROLE|all',
  quorum: 'NUMBER',
  seconds: 'SECONDS',
  verifier: 'ADDRESS',
  keyKind: 'p256|webauthn',
  validator: 'ADDRESS',
  by: 'ADDRESS',
  policy: 'NAME',
  value: 'NUMBER',
  register: 'land|benefits|notary|safeguards|personnel',
  contract: 'ADDRESS',
  importHash: 'HASH',
  consortium: 'ADDRESS',
  office: 'NUMBER',
  from: 'UNIX_SECONDS',
  to: 'UNIX_SECONDS',
  officer: 'RECORD|ID',
};

const typed = (name: string) => `--set ${name}=${VALUES[name] ?? 'VALUE'}`;

/** As it is typed. */
function settingsOf(kind: Proposal['kind']): string {
  const { needed, optional = [], appoints } = MEASURE_FIELDS[kind];
  const officers = appoints === true ? ['--officer RECORD for each officer'] : [];
  return [...needed.map(typed), ...optional.map((name) => `[${typed(name)}]`), ...officers].join(' ');
}

const KINDS = Object.keys(MEASURE_FIELDS) as Proposal['kind'][];

export const MEASURE_HELP = `
What each measure takes:
${KINDS.map((kind) => `  ${kind.padEnd(22)} ${settingsOf(kind)}`).join('\n')}`;

/** Nothing is sent that the gateway could only call a shape. */
export function requireFields(kind: string, set: Readonly<Record<string, unknown>>): void {
  const known = KINDS.find((one) => one === kind);
  if (known === undefined) return;
  const { needed, optional = [] } = MEASURE_FIELDS[known];
  const strange = Object.keys(set).filter((name) => ![...needed, ...optional].includes(name));
  const missing = needed.filter((name) => set[name] === undefined);
  if (strange.length + missing.length === 0) return;
  const said = [
    ...(missing.length > 0 ? [`lacks ${missing.join(', ')}`] : []),
    ...(strange.length > 0 ? [`has ${strange.join(', ')}, which it does not take`] : []),
  ];
  throw new NotUnderstood(`The measure ${said.join(' and ')}. ${known} takes: ${settingsOf(known)}`);
}
