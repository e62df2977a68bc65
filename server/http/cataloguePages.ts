/** Refusals and rules as pages that a person reads: no script, no third-party request, the words of the catalogue alone. */
import type { Rule } from '../domain/rules.ts';
import { escapeHtml, pageAround, prose } from './pages.ts';

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

export function rulesPageOf(rules: readonly (Rule & { readonly refusals: readonly string[] })[]): string {
  const sections = rules.map(({ id, says, severity, enforcedIn, statute, refusals }) => {
    const codes = refusals.map((code) => `<a href="/refusals/${code}">${inWords(code)}</a>`);
    const broken =
      severity === 'refuses'
        ? 'The act is refused and nothing changes.'
        : 'No act can break it. Were it broken, the ledger would not be sound, and <code>kudurru fsck</code> would name it.';
    return `<h2 id="${id}">${id}</h2>
<p>${prose(says)}</p>
<ul>
<li>When it would be broken: ${broken}</li>
<li>Its refusals: ${codes.length === 0 ? 'none of its own' : codes.join(', ')}</li>
<li>Enforced in: ${enforcedIn.map((file) => `<code>${file}</code>`).join(', ')}</li>
<li>Statute: ${statute === '' ? 'for each deployment to name' : escapeHtml(statute)}</li>
</ul>`;
  });
  return pageAround(
    'Rules',
    '<h1>Rules</h1>\n<p>What the registers promise of land, of aid, and of who may act. The contracts check each one at every entry.</p>',
    `${sections.join('\n')}\n<p><a href="/refusals">Every refusal</a></p>`,
  );
}

function ruleLink(rule: string, says: string | undefined): string {
  return says === undefined
    ? `Requirement ${escapeHtml(rule)}.`
    : `Rule <a href="/rules#${rule}">${rule}</a>: ${prose(says)}`;
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
