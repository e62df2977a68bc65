/** Refusals and rules as pages that a person reads: no script, no third-party request, the words of the catalogue alone. */
import type { Severity } from '../domain/rules.ts';
import { escapeHtml, pageAround, prose } from './pages.ts';
import type { Problem } from './problem.ts';

/** A refusal, or a fault, with all that is said of it. */
export interface Explained {
  readonly code: string;
  readonly kind: string;
  readonly status: number;
  readonly message: string;
  readonly notDone: string;
  readonly remedy: string;
  readonly rule?: string;
  readonly retryable: boolean;
  readonly answers?: readonly string[];
}

/** What the `rule` of a refusal names: of a requirement or a standard nothing but what it says. */
export interface Cited {
  readonly id: string;
  readonly source: 'register' | 'requirement' | 'standard';
  readonly says: string;
  readonly severity?: Severity;
  readonly enforcedIn: readonly string[];
  readonly statute?: string;
  readonly keeps?: string;
  readonly refuses?: string;
  readonly refusals: readonly string[];
}

/** What a person reads who was refused. `says` is what the rule behind it promises. */
export function refusalPage(
  { code, status, message, notDone, remedy, rule, retryable, answers }: Explained,
  says: string | undefined,
): string {
  const sections = [
    ['What happened', template(message)],
    ['What was not done', prose(notDone)],
    [
      'What to do next',
      `${prose(remedy)}${retryable ? ' The same request may succeed later, though nobody does anything.' : ''}`,
    ],
    ...(answers === undefined
      ? []
      : [['What may be answered', answers.map((answer) => `<code>${answer}</code>`).join(' or ')]]),
    ...(rule === undefined ? [] : [['Where it comes from', ruleLink(rule, says)]]),
  ];
  const body = sections.map(([title, text]) => `<h2>${title}</h2>\n<p>${text}</p>`).join('\n');
  return pageAround(
    inWords(code),
    `<h1>${inWords(code)}</h1>\n<p>Refusal <code>${code}</code>, answered with HTTP status ${status}.</p>`,
    `${body}\n<p><a href="/refusals">Every refusal</a> · <a href="/rules">Every rule</a></p>`,
  );
}

export function refusalsPage(rows: readonly Explained[]): string {
  const listed = [...rows]
    .sort((one, other) => (one.code < other.code ? -1 : 1))
    .map(
      ({ code, message }) =>
        `<li><a href="/refusals/${code}">${inWords(code)}</a><br>${template(message)}</li>`,
    )
    .join('\n');
  return pageAround(
    'Refusals',
    `<h1>Refusals</h1>\n<p>Whatever this gateway and the registers say no to: ${rows.length} in all. Each says what happened, what was not done, and what to do next.</p>`,
    `<ul>\n${listed}\n</ul>\n<p><a href="/rules">The rules they come from</a></p>`,
  );
}

export function rulesPageOf(rules: readonly Cited[]): string {
  const sections = rules.map((rule) => `<h2 id="${anchorOf(rule.id)}">${rule.id}</h2>\n${ruleBody(rule)}`);
  return pageAround(
    'Rules',
    '<h1>Rules</h1>\n<p>What the registers promise of land, of aid, and of who may act: the contracts check each one at every entry. Behind them, the requirements and standards that other refusals cite.</p>',
    `${sections.join('\n')}\n<p><a href="/refusals">Every refusal</a></p>`,
  );
}

/** One rule by itself, at the address that refusals lead to. */
export function rulePage(rule: Cited): string {
  return pageAround(
    `Rule ${rule.id}`,
    `<h1>${SOURCES[rule.source]} ${rule.id}</h1>`,
    `${ruleBody(rule)}\n<p><a href="/rules">Every rule</a> · <a href="/refusals">Every refusal</a></p>`,
  );
}

const SOURCES: Readonly<Record<Cited['source'], string>> = {
  register: 'Rule',
  requirement: 'Requirement',
  standard: 'Standard',
};

/** An id has no blank where it is part of an address of a page. */
const anchorOf = (id: string) => id.replaceAll(' ', '-');

function ruleBody({ says, severity, enforcedIn, statute, refusals, source }: Cited): string {
  const codes = refusals.map((code) => `<a href="/refusals/${code}">${inWords(code)}</a>`);
  const broken =
    severity === 'halts'
      ? 'No act can break it. Were it broken, the ledger would not be sound, and <code>kudurru fsck</code> would name it.'
      : 'The act is refused and nothing changes.';
  const ofRegister =
    source === 'register'
      ? `
<li>Enforced in: ${enforcedIn.map((file) => `<code>${file}</code>`).join(', ')}</li>
<li>Statute: ${statute === undefined || statute === '' ? 'for each deployment to name' : escapeHtml(statute)}</li>`
      : '';
  return `<p>${prose(says)}</p>
<ul>
<li>When it would be broken: ${broken}</li>
<li>Its refusals: ${codes.length === 0 ? 'none of its own' : codes.join(', ')}</li>${ofRegister}
</ul>`;
}

/** A request that was refused, as a person reads it in a browser: the words of its problem and no more. */
export function problemPage({
  code,
  title,
  status,
  detail,
  remedy,
  rule,
  instance,
  errors = [],
}: Problem): string {
  const listed = errors.map(
    ({ detail: one, pointer }) =>
      `<li>${pointer === undefined ? '' : `<code>${escapeHtml(pointer)}</code>: `}${escapeHtml(one)}</li>`,
  );
  return pageAround(
    escapeHtml(title),
    `<h1>${escapeHtml(inWords(code))}</h1>\n<p>Refusal <code>${escapeHtml(code)}</code>, answered with HTTP status ${status}.</p>`,
    `<h2>What happened</h2>
<p>${prose(detail)}</p>
${listed.length === 0 ? '' : `<ul>${listed.join('')}</ul>\n`}${remedy === undefined ? '' : `<h2>What to do next</h2>\n<p>${prose(remedy)}</p>\n`}<p>${rule === undefined ? '' : `<a href="/rules/${encodeURIComponent(rule)}">Rule ${escapeHtml(rule)}</a> · `}<a href="/refusals/${encodeURIComponent(code)}">More of this refusal</a> · <code>${escapeHtml(instance)}</code></p>`,
  );
}

function ruleLink(rule: string, says: string | undefined): string {
  return `<a href="/rules/${encodeURIComponent(rule)}">${escapeHtml(rule)}</a>: ${prose(says ?? '')}`;
}

/** `ba-unit-missing` to `Ba unit missing`. */
function inWords(code: string): string {
  const words = code.replaceAll('-', ' ').replace(/\bba unit\b/, 'unit');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

/** A message before anything fills its holes: each is named in words. */
function template(message: string): string {
  return prose(message).replace(
    /\{(\w+)\}/g,
    (_, hole: string) => `<var>(${hole.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)})</var>`,
  );
}
