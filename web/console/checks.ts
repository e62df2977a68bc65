/** What an auditor looks at: which ledger this is, whether it is sound, derived again on demand, and its entries in words. */
import { datum, element, english, gap, idText, type Voice } from '../page/dom.ts';
import { ask, type Page } from './ask.ts';
import { type Context, form, link, moment, type Shown, section, shortOf, table } from './parts.ts';

interface Ledger {
  readonly chainId: number;
  readonly ledgerNonce: string;
  readonly genesisHash: string;
  readonly trustFingerprint: string;
  readonly blockNumber: string;
}

interface Readiness {
  readonly ready: boolean;
  readonly reason?: string;
  readonly blockNumber: string;
  readonly blockAgeSeconds?: number;
  readonly finality: string;
  readonly queued: number;
  readonly cautions: readonly string[];
}

interface Check {
  readonly ok: boolean;
  readonly verdicts: readonly string[];
  readonly findings: readonly unknown[];
}

interface Signed {
  readonly officer: string;
  readonly institution?: number;
}

interface Entry {
  readonly contract: string;
  readonly index: string;
  readonly subject?: string;
  readonly isClosed?: true;
  readonly inWords?: {
    readonly act: string;
    readonly what: string;
    readonly recordedAt: string;
    readonly preparer?: Signed;
    readonly approver?: Signed;
    readonly changes: readonly { readonly words: string }[];
  };
}

const ENTRIES_SHOWN = 50;

export async function checksPage(context: Context): Promise<Shown> {
  const { voice, hash, to } = context;
  const after = hash.get('after');
  const query = new URLSearchParams({ newestFirst: 'true', limit: `${ENTRIES_SHOWN}` });
  if (after !== null) query.set('after', after);
  const [ledger, readiness, entries] = await Promise.all([
    ask<Ledger>('/ledger'),
    ask<Readiness>('/health/ready'),
    ask<Page<Entry>>(`/entries?${query}`),
  ]);
  return {
    title: 'checks.title',
    nodes: [
      section(
        voice,
        'checks.ledger',
        element('p', {}, voice.said('checks.ledgerText')),
        identity(voice, ledger, readiness),
      ),
      section(voice, 'checks.derive', element('p', {}, voice.said('checks.deriveText')), deriving(context)),
      section(
        voice,
        'checks.own',
        element('p', {}, voice.said('checks.ownText')),
        element('p', {}, idText('kudurru audit --rpc URL --trust FILE')),
      ),
      section(
        voice,
        'checks.entries',
        element('p', {}, voice.said('checks.count', { count: entries.total })),
        entries.rows.length > 0 && entriesTable(context, entries.rows),
        entries.next !== undefined &&
          element(
            'p',
            {},
            link(`${to('checks')}#${new URLSearchParams({ after: entries.next })}`, voice.said('list.next')),
          ),
      ),
    ],
  };
}

function identity(voice: Voice, ledger: Ledger, readiness: Readiness): HTMLElement {
  const row = (key: Parameters<Voice['said']>[0], ...values: readonly Node[]) =>
    element('div', {}, element('dt', {}, voice.said(key)), element('dd', {}, ...values));
  const { ready, reason, blockNumber, blockAgeSeconds, finality, queued, cautions } = readiness;
  return element(
    'dl',
    {},
    row('checks.fingerprint', idText(ledger.trustFingerprint)),
    row('checks.genesis', idText(ledger.genesisHash)),
    row('checks.block', datum(voice.speaker.number(BigInt(blockNumber)))),
    row(
      'checks.age',
      blockAgeSeconds === undefined
        ? voice.said('checks.noBlock')
        : voice.said('checks.seconds', { count: blockAgeSeconds }),
    ),
    row('checks.finality', voice.term('finality', finality)),
    row('checks.queued', datum(voice.speaker.number(queued))),
    row(
      'checks.writes',
      voice.said(ready ? 'checks.yes' : 'checks.no'),
      ...(reason === undefined ? [] : [english(reason, 'span')]),
    ),
    ...cautions.map((caution) => row('checks.caution', voice.term('caution', caution))),
  );
}

function deriving({ voice, announce }: Context): HTMLElement {
  const outcome = element('div', { role: 'status' });
  return element(
    'div',
    {},
    form(voice, 'checks.button', [], async () => {
      outcome.replaceChildren(element('p', {}, voice.said('checks.going')));
      const { ok, verdicts, findings } = await ask<Check>('/checks', { method: 'POST' });
      outcome.replaceChildren(
        element(
          'p',
          { class: ok ? 'good' : 'warn' },
          voice.said(ok ? 'checks.sound' : 'checks.unsound', { count: findings.length }),
        ),
        element(
          'ul',
          { lang: 'en', dir: 'ltr' },
          ...[...findings.map((one) => JSON.stringify(one)), ...verdicts].map((line) =>
            element('li', {}, datum(line)),
          ),
        ),
      );
      announce(ok ? 'checks.sound' : 'checks.unsound', { count: findings.length });
    }),
    outcome,
  );
}

function entriesTable({ voice, to }: Context, rows: readonly Entry[]): HTMLElement {
  const signed = (one: Signed | undefined) =>
    one === undefined
      ? undefined
      : element(
          'li',
          {},
          voice.said('checks.officer', { institution: one.institution ?? 0 }),
          gap(),
          idText(shortOf(one.officer)),
        );
  return table<Entry>(
    voice,
    'checks.entriesCaption',
    [
      {
        head: 'checks.when',
        cell: ({ inWords }) => inWords !== undefined && moment(voice, inWords.recordedAt),
      },
      {
        head: 'checks.what',
        cell: ({ inWords, contract, subject = '' }) =>
          inWords === undefined
            ? voice.said('checks.closed')
            : element(
                'div',
                {},
                contract === 'land' && voice.speaker.has(`act.${inWords.act}`)
                  ? link(to('titles', subject), voice.term('act', inWords.act))
                  : english(inWords.what, 'span'),
                element('ul', {}, ...inWords.changes.map(({ words }) => english(words, 'li'))),
              ),
      },
      {
        head: 'checks.who',
        cell: ({ inWords }) => element('ul', {}, signed(inWords?.preparer), signed(inWords?.approver)),
      },
      { head: 'checks.place', cell: ({ contract, index }) => idText(`${contract} ${index}`) },
    ],
    rows,
  );
}
