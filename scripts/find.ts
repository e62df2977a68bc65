/**
 * `kudurru find`: titles, parcels, acts, people and everything else that was recorded, and its history, over the API.
 *
 * Promises: one row a line or two, in numbers and dates as people write them, with how many there are in all and how to
 * see the next; `--json` answers what the gateway did. A name that is looked for goes in no address and no argument.
 */
import { type Command, Option } from 'commander';
import { countInWords, numberInWords, shortId } from '../server/domain/base/inWords.ts';
import { ROOT_KINDS } from '../server/domain/base/terms.ts';
import { answer, NotUnderstood } from './answer.ts';
import {
  beside,
  called,
  historyWords,
  holdingWords,
  listOf,
  lyingOnWords,
  m2,
  number,
  ofInstitution,
  parcelWords,
  type Row,
  readingWords,
  rowWords,
  shareWords,
  signedWords,
  spaced,
  text,
  timeOf,
} from './findWords.ts';
import {
  clientOf,
  type GatewayOptions,
  type GatewayUrlOptions,
  strangerTo,
  whole,
  withGateway,
  withGatewayUrl,
} from './gatewayOptions.ts';
import { askSought } from './terminal.ts';

interface Listed {
  readonly total: number;
  readonly rows: readonly Row[];
  readonly lapsingSoon?: number;
  /** Of a search by number: how the office writes what was asked for otherwise. */
  readonly understoodAs?: readonly string[];
  /** Beside a history: acts that named the same and were never recorded. */
  readonly takenBack?: readonly Row[];
  readonly next?: string;
}

interface FindOptions extends GatewayOptions {
  readonly after?: string;
  readonly limit: number;
  readonly case?: string;
  readonly [more: string]: unknown;
}

/** One list: what it is called, how it is asked for, and how a row of it reads. */
interface List {
  readonly name: string;
  /** Of whose token one asks: the roles of its route. */
  readonly roles: readonly string[];
  readonly argument?: readonly [name: string, what: string];
  /** The list is of what options name as well, so that the argument may be left out. */
  readonly isOptional?: true;
  readonly what: string;
  readonly options?: (command: Command) => Command;
  readonly place: (options: FindOptions, argument: string) => string;
  /** Fields of the query that are options of the same name. */
  readonly fields?: readonly string[];
  readonly noun: readonly [one: string, many: string];
  readonly words: (row: Row) => string;
}

const ofOffice = (command: Command): Command =>
  command
    .requiredOption('--office <number>', 'the office that numbers the parcels', whole)
    .option('--number <number>', 'as the office writes it, or with other spaces, case, dashes or strokes')
    .option('--alias <id>', 'the id of its corners, or a number that it had before')
    .option('--box <degrees>', 'west,south,east,north');

const LISTS: readonly List[] = [
  {
    name: 'titles',
    roles: ['registrar', 'auditor'],
    what: 'titles of an office, with areas, holders and what lies on them; --names opens the names, under a case',
    options: (command) => ofOffice(command).option('--names', 'with the names of holders, who see it'),
    place: ({ names }) => `/titles/search?${names === true ? 'names=true' : ''}`,
    fields: ['office', 'number', 'alias', 'box'],
    noun: ['title', 'titles'],
    words: (row) =>
      [parcelWords(row), ...listOf(row.holdings).map(holdingWords), ...lyingOnWords(row)].join('\n'),
  },
  {
    name: 'parcels',
    roles: ['registrar', 'auditor'],
    what: 'parcels of an office, what became of each, and what lies on its title',
    options: ofOffice,
    place: () => '/parcels?',
    fields: ['office', 'number', 'alias', 'box'],
    noun: ['parcel', 'parcels'],
    words: (row) => [parcelWords(row), ...lyingOnWords(row)].join('\n'),
  },
  {
    name: 'acts',
    roles: ['registrar', 'agency', 'member', 'auditor'],
    what: 'acts that wait for a signature, what lapses first at the beginning',
    options: (command) =>
      command
        .addOption(
          new Option('--missing <signer>', 'only those that lack this signature').choices([
            'preparer',
            'approver',
            'consent',
          ]),
        )
        .addOption(
          new Option('--waits-for <whom>', 'whose signature comes next').choices(['me', 'institution']),
        )
        .option('--officer <id>', 'with --waits-for me: the officer')
        .option('--soon', 'only those that lapse within three days'),
    place: ({ soon }) => `/acts?${soon === true ? 'lapsing=soon' : ''}`,
    fields: ['missing', 'waitsFor', 'officer'],
    noun: ['act waits', 'acts wait'],
    words: ({
      id,
      what,
      subject,
      preparer,
      preparerLabel,
      institution,
      preparedAt,
      missingFrom,
      expiresAt,
      lapsesSoon,
    }) =>
      [
        `${text(id)}  ${text(what)}: ${text(subject)}`,
        `  prepared by officer ${shortId(text(preparer))}${beside(preparerLabel)} of institution ${text(institution)}, ${timeOf(preparedAt)}`,
        `  lacks ${(missingFrom as string[]).join('; ')}; lapses ${timeOf(expiresAt)}${lapsesSoon === true ? ', soon' : ''}`,
      ].join('\n'),
  },
  {
    name: 'ended',
    roles: ['registrar', 'agency', 'member', 'auditor'],
    what: 'acts that came to nothing, newest first: taken back by whom, or lapsed',
    options: (command) =>
      command
        .option('--institution <number>', 'of one institution; for auditors', whole)
        .option('--office <number>', 'of one office', whole),
    place: () => '/acts/ended?',
    fields: ['institution', 'office'],
    noun: ['act', 'acts'],
    words: ({ act, words }) => `${text(act)}\n  ${text(words)}`,
  },
  {
    name: 'programmes',
    roles: ['agency', 'auditor'],
    what: 'programmes with their money',
    place: () => '/programmes?',
    noun: ['programme', 'programmes'],
    words: ({ programme, label, money, pausedUntil }) => {
      const { funded, outstanding, unallocated } = money as Row;
      const isPaused = pausedUntil !== undefined && Date.parse(text(pausedUntil)) > Date.now();
      const paused = isPaused ? `\n  paused until ${timeOf(pausedUntil)}: nobody can redeem` : '';
      const name = label === undefined ? '' : `  ${text(label)}`;
      return `${text(programme)}${name}\n  ${text(funded)} funded, ${text(outstanding)} outstanding, ${text(unallocated)} not allocated${paused}`;
    },
  },
  {
    name: 'cycles',
    roles: ['agency', 'vendor', 'auditor'],
    argument: ['programme', 'id of the programme'],
    what: 'cycles of a programme, by number',
    place: (_, programme) => `/programmes/${programme}/cycles?`,
    noun: ['cycle', 'cycles'],
    words: ({ cycle, state, people, issuedUnits, redeemedUnits, unitValue, spendUntil }) =>
      `${text(cycle)}  ${text(state)}: ${countInWords(Number(people), 'person', 'people')}, ${number(redeemedUnits)} of ${number(issuedUnits)} units of ${text(unitValue)} redeemed, to be spent until ${timeOf(spendUntil)}`,
  },
  {
    name: 'vendors',
    roles: ['agency', 'auditor'],
    what: 'vendors with their tills and what they sold',
    place: () => '/vendors?',
    noun: ['vendor', 'vendors'],
    words: ({ vendor, label, standing, tills, redemptions }) =>
      `${text(vendor)}  ${called(label)}${text(standing)}, ${countInWords(Number(tills), 'till')}, ${countInWords(Number(redemptions), 'batch', 'batches')} redeemed`,
  },
  {
    name: 'tills',
    roles: ['vendor', 'agency', 'auditor'],
    argument: ['vendor', 'id of the vendor'],
    what: 'tills of a vendor',
    place: (_, vendor) => `/vendors/${vendor}/tills?`,
    noun: ['till', 'tills'],
    words: ({ till, label, standing, keyKind, keyId }) =>
      `${text(till)}  ${called(label)}${text(standing)}, key ${text(keyKind)} ${text(keyId)}`,
  },
  {
    name: 'redemptions',
    roles: ['vendor', 'agency', 'auditor'],
    argument: ['vendor', 'id of the vendor; left out with --programme and --cycle'],
    isOptional: true,
    what: 'what was sold, batch by batch: by a vendor, or in a cycle by all of them',
    options: (command) =>
      command
        .option('--programme <id>', 'of a cycle: its programme')
        .option('--cycle <number>', 'the number of the cycle in it', whole)
        .option('--newest-first', 'the last one at the beginning'),
    place: soldPlace,
    noun: ['batch', 'batches'],
    words: ({
      itemsHash,
      cycle,
      vendor,
      vendorLabel,
      till,
      tillLabel,
      units,
      redeemed,
      skipped,
      recordedAt,
    }) =>
      `${text(itemsHash)}\n  ${timeOf(recordedAt)}: ${countInWords(BigInt(text(units)), 'unit')} of cycle ${text(cycle)} at till ${text(till)}${beside(tillLabel)} of ${shortId(text(vendor))}${beside(vendorLabel)}; ${countInWords(Number(redeemed), 'item')} counted, ${number(skipped)} did not`,
  },
  {
    name: 'account',
    roles: ['vendor', 'agency'],
    argument: ['vendor', 'id of the vendor'],
    what: 'what a vendor earned in each cycle, what of it is paid, can be paid, and waits',
    place: (_, vendor) => `/vendors/${vendor}/account?`,
    noun: ['cycle', 'cycles'],
    words: ({ programme, programmeLabel, cycle, credited, settled, payable, waiting, disputed }) =>
      `cycle ${text(cycle)} of ${text(programme)}${beside(programmeLabel)}\n  ${text(credited)} earned: ${text(settled)} paid, ${text(payable)} can be paid, ${text(waiting)} waits, ${text(disputed)} disputed`,
  },
  {
    name: 'recent',
    roles: ['registrar', 'auditor'],
    what: 'titles in the order of their newest entries, of every office; the newest at the beginning',
    place: () => '/titles?',
    noun: ['title', 'titles'],
    words: ({ baUnit, number: name, areaM2, version, recordedAt }) =>
      `${name === undefined ? '' : `${text(name)}, `}unit ${text(baUnit)}${areaM2 === undefined ? '' : `, ${m2(areaM2)}`}\n  entry ${text(version)} of it, ${timeOf(recordedAt)}`,
  },
  {
    name: 'erasures',
    roles: ['auditor', 'registrar', 'agency', 'steward', 'member'],
    argument: ['institution', 'number of the institution'],
    what: 'random ids of the data keys that an institution swore it destroyed',
    place: (_, institution) => `/institutions/${institution}/erasures?`,
    noun: ['erasure', 'erasures'],
    words: rowWords,
  },
  {
    name: 'roots',
    roles: ['auditor', 'registrar', 'agency', 'steward', 'member'],
    argument: ['institution', 'number of the institution'],
    what: 'roots that an institution had recorded of its own logs and of what it publishes',
    options: (command) =>
      command.addOption(
        new Option('--kind <kind>', 'what they are roots of')
          .choices(ROOT_KINDS.filter((kind) => kind !== 'unspecified'))
          .makeOptionMandatory(),
      ),
    place: ({ kind }, institution) => `/institutions/${institution}/roots/${text(kind)}?`,
    noun: ['root', 'roots'],
    words: rowWords,
  },
  {
    name: 'labels',
    roles: ['agency', 'registrar', 'member'],
    what: 'programmes, vendors, tills and officers by what your institution calls them',
    options: (command) => command.option('--label <words>', 'with these words in the label'),
    place: () => '/labels?',
    fields: ['label'],
    noun: ['label', 'labels'],
    words: ({ id, label }) => `${text(id)}  ${text(label)}`,
  },
  {
    name: 'tokens',
    roles: ['administrator'],
    what: 'tokens of the gateway: what for, whose, by whom, until when',
    options: (command) =>
      command
        .option('--institution <number>', 'of one institution', whole)
        .option('--label <words>', 'with these words in the label')
        .option('--role <role>', 'with one role'),
    place: () => '/tokens?',
    fields: ['institution', 'label', 'role'],
    noun: ['token', 'tokens'],
    words: ({ id, label, roles, institution, issuer, expiresAt, revokedAt }) => {
      const end = revokedAt === undefined ? `ends ${timeOf(expiresAt)}` : `revoked ${timeOf(revokedAt)}`;
      return `${text(id)}  ${text(label) || 'without a label'}: ${(roles as string[]).join(', ')} of ${ofInstitution(institution)}, issued by ${text(issuer)}, ${end}`;
    },
  },
  {
    name: 'entries',
    roles: ['auditor', 'registrar', 'agency', 'steward', 'member'],
    what: 'every entry of every register, in the order of the chain',
    options: (command) => command.option('--newest-first', 'the last one at the beginning'),
    place: ({ newestFirst }) => `/entries?${newestFirst === true ? 'newestFirst=true' : ''}`,
    noun: ['entry', 'entries'],
    words: ({ entryId, aboutInWords, contract, index, isClosed, inWords }) =>
      isClosed === true
        ? `Entry ${text(index)} of ${text(contract)}, whose history is another office's: ${text(entryId)}`
        : `${historyWords(inWords as Row)}\n  about ${text(aboutInWords)}, entry ${text(entryId)}`,
  },
  {
    name: 'signed',
    roles: ['member', 'auditor'],
    argument: ['officer', 'id of an officer, as `find history` and `find labels` say it'],
    what: 'what an officer signed: acts and orders that were recorded, and votes, the oldest at the beginning',
    options: (command) => command.option('--newest-first', 'the last one at the beginning'),
    place: ({ newestFirst }, officer) =>
      `/officers/${officer}/signatures?${newestFirst === true ? 'newestFirst=true' : ''}`,
    noun: ['signature', 'signatures'],
    words: signedWords,
  },
  {
    name: 'searches',
    roles: ['steward'],
    what: 'who of your institution looked for people on a day, under which case, and how many were shown; for stewards',
    options: (command) => command.option('--on <day>', 'as 2026-11-29; today without'),
    place: () => '/people/searches?',
    fields: ['on'],
    noun: ['case', 'cases'],
    words: ({ who, caseReference, purposes, searches, shown, timesRefused, firstAt, lastAt }) =>
      `case ${text(caseReference)}: ${text((who as Row).words)}, for ${(purposes as string[]).join(', ')}\n  ${countInWords(Number(searches), 'search', 'searches')}, ${countInWords(Number(shown), 'person', 'people')} shown, ${text(timesRefused)} refused, ${timeOf(firstAt)} to ${timeOf(lastAt)}`,
  },
  {
    name: 'readings',
    roles: ['agency', 'steward', 'registrar'],
    argument: ['person', 'id of a person, as `find person` says it'],
    what: 'who read what is recorded of a person, for what and in which case, newest first',
    place: (_, person) => `/people/${person}/access-log?`,
    noun: ['reading', 'readings'],
    words: readingWords,
  },
  {
    name: 'history',
    roles: ['registrar', 'agency', 'steward', 'member', 'auditor'],
    argument: [
      'subject',
      'id of a unit, programme, vendor, officer or measure; `institution-2`; `pause-officers`',
    ],
    what: 'what happened to something: which act, when, signed by whom, what it changed',
    options: (command) => command.option('--newest-first', 'the last one at the beginning'),
    place: ({ newestFirst }, subject) =>
      `/history/${subject}?${newestFirst === true ? 'newestFirst=true' : ''}`,
    noun: ['entry', 'entries'],
    words: historyWords,
  },
];

/** Of a vendor, or of a cycle: one of the two is said. */
function soldPlace({ programme, cycle, newestFirst }: FindOptions, vendor: string): string {
  const isOfCycle = programme !== undefined && cycle !== undefined;
  if ((vendor !== '') === isOfCycle || (programme === undefined) !== (cycle === undefined)) {
    throw new NotUnderstood('Give either a vendor, or both --programme and --cycle.');
  }
  const of = isOfCycle
    ? `/programmes/${encodeURIComponent(text(programme))}/cycles/${text(cycle)}`
    : `/vendors/${vendor}`;
  return `${of}/redemptions?${newestFirst === true ? 'newestFirst=true' : ''}`;
}

/** `a, b or c`. */
const listInWords = (names: readonly string[]): string => names.join(', ').replace(/, (?=[^,]*$)/, ' or ');

export function addFind(program: Command): void {
  const find = program.command('find').description('find what was recorded, and read its history');
  addPerson(find);
  addCatalogue(find);
  for (const list of LISTS) {
    const asking = `asked with a token of ${listInWords(list.roles)}`;
    const command = withGateway(find.command(list.name)).description(`${list.what}; ${asking}`);
    if (list.argument !== undefined) {
      const [name, what] = list.argument;
      command.argument(list.isOptional ? `[${name}]` : `<${name}>`, what);
    }
    list.options?.(command).option('--case <reference>', 'number of the case that names are read for');
    command
      .option('--limit <number>', 'rows of a page', whole, 50)
      .option('--after <cursor>', 'the next page, as the one before said')
      .action((...given: readonly unknown[]) => {
        const [argument, options] = list.argument === undefined ? ['', given[0]] : [text(given[0]), given[1]];
        return run(list, options as FindOptions, argument);
      });
  }
}

interface RefusalShown {
  readonly code: string;
  readonly message: string;
  readonly notDone: string;
  readonly remedy: string;
  readonly rule?: string;
  readonly answers?: readonly string[];
}

interface RuleShown {
  readonly id: string;
  readonly says: string;
  readonly source: string;
  readonly refusals: readonly string[];
}

/** For whoever met a refusal: needs no token, as its page needs none. */
function addCatalogue(find: Command): void {
  const asked = <T>(name: string, argument: string, what: string, words: (one: T) => string) =>
    withGatewayUrl(find.command(name))
      .argument(`[${argument}]`, `the ${argument} of one of them; all without`)
      .description(what)
      .action((one: string | undefined, options: GatewayUrlOptions) =>
        answer(
          options,
          async () => {
            const place = `/${name}${one === undefined ? '' : `/${encodeURIComponent(one)}`}`;
            const told = await strangerTo(options).ask<T & { readonly rows?: readonly T[] }>(place);
            return told.rows ?? [told];
          },
          (rows) => rows.map(words).join('\n'),
        ),
      );
  asked<RefusalShown>(
    'refusals',
    'code',
    'what a refusal says: what happened, what was not done, and what to do next; all of them without a code',
    refusedWords,
  );
  asked<RuleShown>(
    'rules',
    'id',
    'what a rule says, and which refusals come of it; all of them without an id',
    ruledWords,
  );
}

const refusedWords = ({ code, message, notDone, remedy, rule, answers }: RefusalShown): string =>
  [
    `${code}: ${message}`,
    `  ${notDone}`,
    `  ${remedy}`,
    ...(rule === undefined ? [] : [`  by rule ${rule}: \`find rules ${rule}\``]),
    ...(answers === undefined ? [] : [`  an officer may answer ${answers.join(' or ')}`]),
  ].join('\n');

const ruledWords = ({ id, says, source, refusals }: RuleShown): string =>
  [
    `${id} (${source}): ${says}`,
    ...(refusals.length === 0 ? [] : [`  refused as ${refusals.join(', ')}`]),
  ].join('\n');

interface PersonOptions extends GatewayOptions {
  readonly by: string;
  readonly purpose: string;
  readonly case: string;
  readonly after?: string;
  readonly titlesAfter?: string;
}

interface People {
  readonly total: number;
  readonly isTotalExact: boolean;
  readonly rows: readonly {
    readonly personId: string;
    readonly titles: readonly {
      readonly baUnit: string;
      readonly holdings: readonly { readonly right: string; readonly share: string }[];
      readonly number?: string;
      readonly areaM2?: number;
    }[];
    readonly nextTitles?: string;
    readonly records: readonly { readonly type: string; readonly fields: Row }[];
  }[];
  readonly next?: string;
}

function addPerson(find: Command): void {
  withGateway(find.command('person'))
    .description(
      'people by words of their name or an id, which is asked for or read from KUDURRU_SOUGHT; whoever is found sees who looked; asked with a token of agency, steward or registrar',
    )
    .addOption(
      new Option('--by <what>', 'what is known of the person')
        .choices(['name', 'national-id', 'agency-id', 'id-number'])
        .default('name'),
    )
    .requiredOption('--purpose <word>', 'what it is for, as `registration` or `case-work`')
    .requiredOption('--case <reference>', 'number of the case it is for')
    .option('--after <cursor>', 'goes on where the search before ended')
    .option('--titles-after <cursor>', 'goes on with the titles of somebody whom this search found')
    .action(({ by, purpose, case: caseReference, after, titlesAfter, ...options }: PersonOptions) =>
      answer(
        options,
        async () => {
          const sought = await askSought(by === 'name' ? 'Words of the name' : `The ${by}`);
          const known = by === 'name' ? { kind: by, name: sought } : { kind: by, id: sought };
          const body = { purpose, by: known, after, titlesAfter };
          return clientOf(options).ask<People>('/people/searches', { method: 'POST', body, caseReference });
        },
        ({ total, isTotalExact, rows, next }) =>
          [
            ...rows.map(personWords),
            total === 0
              ? 'Nobody.'
              : `${isTotalExact ? '' : 'At least '}${countInWords(total, 'person', 'people')}${rows.length < total ? `, ${numberInWords(rows.length)} here` : ''}.`,
            ...(next === undefined ? [] : [`More may follow: --after ${next}`]),
          ].join('\n'),
      ),
    );
}

function personWords({ personId, titles, nextTitles, records }: People['rows'][number]): string {
  const known = records.flatMap(({ fields }) =>
    Object.entries(fields).map(([name, value]) => `  ${spaced(name)}: ${text(value)}`),
  );
  const held = titles.map(({ baUnit, number: name, areaM2, holdings }) => {
    const area = areaM2 === undefined ? '' : `, ${m2(areaM2)}`;
    const what = holdings.map(({ right, share }) => `${shareWords(share)} of the ${right}`).join(' and ');
    return `  holds ${what} of ${name === undefined ? '' : `parcel ${name}${area}, `}unit ${baUnit}`;
  });
  const more = nextTitles === undefined ? [] : [`  holds more: --titles-after ${nextTitles}`];
  return [personId, ...new Set(known), ...held, ...more].join('\n');
}

function run(list: List, options: FindOptions, argument: string): Promise<void> {
  const query = new URLSearchParams({ limit: String(options.limit) });
  if (options.after !== undefined) query.set('after', options.after);
  for (const field of list.fields ?? []) {
    if (options[field] !== undefined) query.set(field, text(options[field]));
  }
  const asking = options.case === undefined ? {} : { caseReference: options.case };
  return answer(
    options,
    () => {
      const place = list.place(options, encodeURIComponent(argument));
      return clientOf(options).ask<Listed>(`${place}${place.endsWith('?') ? '' : '&'}${query}`, asking);
    },
    (told) => pageWords(list, told),
  );
}

function pageWords(
  { noun, words }: List,
  { total, rows, lapsingSoon, understoodAs, takenBack = [], next }: Listed,
): string {
  const all = `${countInWords(total, ...noun)}${rows.length < total ? `, ${numberInWords(rows.length)} here` : ''}`;
  const soon =
    lapsingSoon === undefined || lapsingSoon === 0 ? '' : `; ${numberInWords(lapsingSoon)} within three days`;
  return [
    ...(understoodAs === undefined ? [] : [`Understood as ${understoodAs.join(', or as ')}.`]),
    ...rows.map(words),
    total === 0 ? 'None.' : `${all}${soon}.`,
    ...(takenBack.length === 0 ? [] : ['Never recorded:', ...takenBack.map((one) => `  ${text(one.words)}`)]),
    ...(next === undefined ? [] : [`Next page: --after ${next}`]),
  ].join('\n');
}
