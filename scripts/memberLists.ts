/** `kudurru member`, its lists: who may act, what is voted on and what it lacks, what is paused. For `member.ts`. */
import type { Command } from 'commander';
import { countInWords, momentInWords, numberInWords } from '../server/domain/base/inWords.ts';
import { answer } from './answer.ts';
import { clientOf, type GatewayOptions, whole, withGateway } from './gatewayOptions.ts';

interface Listed<T> {
  /** Of all pages. */
  readonly total: number;
  readonly rows: readonly T[];
  readonly next?: string;
}

/** What would refuse a measure, told before it is carried out. */
export interface Obstacle {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

interface Measure {
  readonly measureId: string;
  readonly sentence: string;
  readonly state: string;
  readonly votesMissing: number;
  readonly inFavour: readonly number[];
  readonly against: readonly number[];
  readonly uncounted: readonly number[];
  /** Absent without a quorum. */
  readonly executableFrom?: string;
  readonly endsAt: string;
  readonly obstacle?: Obstacle;
  readonly caution?: Obstacle;
}

interface Officer {
  readonly officer: string;
  readonly label?: string;
  readonly institution: number;
  readonly office: number;
  readonly standing: string;
  readonly roles: readonly string[];
  readonly keys: Readonly<Record<'key' | 'spare', { readonly epoch: number; readonly kind: string }>>;
}

interface Institution {
  readonly institution: number;
  readonly standing: string;
  readonly isMember: boolean;
  readonly offices: readonly number[];
}

interface Pauses {
  readonly inForce: readonly {
    readonly scope: string;
    readonly until: string;
    readonly byTwoInstitutions: boolean;
  }[];
}

const PAGE_ROWS = 50;

interface PageOptions extends GatewayOptions {
  readonly limit: number;
  readonly after?: string;
}

/** A list that is read a page at a time. */
const paged = (command: Command): Command =>
  withGateway(command)
    .option('--limit <number>', 'rows of a page', whole, PAGE_ROWS)
    .option('--after <cursor>', 'the next page, as the one before said');

function queryOf({ limit, after }: PageOptions, asked: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams({ limit: String(limit) });
  for (const [name, value] of Object.entries(Object.assign({ after }, asked)))
    if (value !== undefined) query.set(name, String(value));
  return String(query);
}

/** Its rows, and where there are more of them how many and how to see the next. */
function pageLines<T>({ total, rows, next }: Listed<T>, words: (row: T) => string): readonly string[] {
  const more = [`${numberInWords(rows.length)} of ${numberInWords(total)}. Next page: --after ${next}`];
  return [...rows.map(words), ...(next === undefined ? [] : more)];
}

export function addMemberLists(member: Command): void {
  paged(member.command('measures'))
    .description('list the open measures: their votes, their wait, and what each lacks')
    .option('--all', 'those that were carried out or lapsed too')
    .action(({ all, ...options }: PageOptions & { all?: boolean }) =>
      list<Listed<Measure>>(options, `/measures?${queryOf(options, { open: all !== true })}`, (page) =>
        pageLines(page, measureWords),
      ),
    );
  paged(member.command('officers'))
    .description('list officers with their standing, roles and keys')
    .option('--institution <number>', 'of one institution', whole)
    .option('--role <role>', 'with one role')
    .action(({ institution, role, ...options }: PageOptions & { institution?: number; role?: string }) =>
      list<Listed<Officer>>(options, `/officers?${queryOf(options, { institution, role })}`, (page) =>
        pageLines(page, officerWords),
      ),
    );
  paged(member.command('institutions'))
    .description('list institutions with their standing, their vote and their offices')
    .action((options: PageOptions) =>
      list<Listed<Institution>>(options, `/institutions?${queryOf(options, {})}`, (page) =>
        pageLines(page, institutionWords),
      ),
    );
  withGateway(member.command('pauses'))
    .description('list what is paused now')
    .action((options: GatewayOptions) =>
      list<Pauses>(options, '/pauses', ({ inForce }) =>
        inForce.map(
          ({ scope, until, byTwoInstitutions }) =>
            `${scope} until ${timeOf(until)}, by ${byTwoInstitutions ? 'two institutions' : 'one officer'}`,
        ),
      ),
    );
}

function list<T>(
  options: GatewayOptions,
  place: string,
  lines: (told: T) => readonly string[],
): Promise<void> {
  return answer(
    options,
    () => clientOf(options).ask<T>(place),
    (told) => lines(told).join('\n') || 'None.',
  );
}

function measureWords({ measureId, sentence, state, ...votes }: Measure): string {
  const { votesMissing, inFavour, against, uncounted, executableFrom, endsAt, obstacle, caution } = votes;
  const waits = state === 'waiting' ? ` until ${timeOf(executableFrom)}` : '';
  const said = [
    `for: ${inFavour.join(', ') || 'nobody'}`,
    ...(uncounted.length === 0 ? [] : [`of whom does not count now: ${uncounted.join(', ')}`]),
    `against: ${against.join(', ') || 'nobody'}`,
    state === 'rejected'
      ? 'too few are left who could vote for it'
      : votesMissing === 0
        ? 'has its votes'
        : `lacks ${countInWords(votesMissing, 'vote')}`,
    `ends ${timeOf(endsAt)}`,
  ];
  const stands = `${state}${waits}; ${said.join('; ')}`;
  return [measureId, sentence, stands, ...obstacleWords(obstacle), ...cautionWords(caution)].join('\n  ');
}

/** Nothing where nothing stands in the way. */
export function obstacleWords(obstacle: Obstacle | undefined): readonly string[] {
  if (obstacle === undefined) return [];
  const { code, message, remedy } = obstacle;
  return [`As things stand it could not be carried out: ${message} ${remedy} (${code})`];
}

/** What may be carried out, and decides nothing. */
export function cautionWords(caution: Obstacle | undefined): readonly string[] {
  if (caution === undefined) return [];
  const { code, message, remedy } = caution;
  return [`Before you vote: ${message} ${remedy} (${code})`];
}

function officerWords({ officer, label, institution, office, standing, roles, keys }: Officer): string {
  const place = office === 0 ? 'every office' : `office ${office}`;
  const held = `keys ${keys.key.kind} ${keys.key.epoch}, ${keys.spare.kind} ${keys.spare.epoch}`;
  const called = label === undefined ? '' : `${label}: `;
  return `${officer}  ${called}institution ${institution}, ${place}, ${standing}; ${held}; ${roles.join(', ')}`;
}

function institutionWords({ institution, standing, isMember, offices }: Institution): string {
  const named = `keeps ${offices.length === 1 ? 'office' : 'offices'} ${offices.join(', ')}`;
  const kept = offices.length === 0 ? 'keeps no office' : named;
  return `${institution}  ${standing}, ${isMember ? 'a member' : 'without a vote'}, ${kept}`;
}

function timeOf(instant = ''): string {
  return instant === '' ? '' : momentInWords(Math.floor(Date.parse(instant) / 1_000));
}
