/** The few pages for people that need no script: what this gateway is and how it stands. No third-party request. */

import type { Caution } from '../domain/power/founding.ts';

const CAUTIONS: Readonly<Record<Caution, string>> = {
  'cannot-outlive-a-member':
    'fewer than three institutions have a vote, so that nothing could be decided any more without one of them.',
};

/** What the home page says; every figure is the ledger's own. */
export interface Standing {
  readonly demo: boolean;
  readonly phase: 'founding' | 'seated';
  readonly finality: 'local' | 'witnessed' | 'quorum';
  readonly blockNumber: bigint;
  /** Undefined before the first block. */
  readonly blockAgeSeconds: number | undefined;
  readonly titles: number;
  readonly entitlements: number;
  readonly entries: number;
  /** The first thing that does not hold, or undefined when the ledger is sound. */
  readonly unsound: string | undefined;
  readonly missing: readonly string[];
  /** What is to be known of the ledger whatever it is used for. */
  readonly cautions: readonly Caution[];
  /** What the operator and everybody else is to know of how the gateway's keys are held. */
  readonly keysWarning?: string;
  /** Operations accepted and not final. */
  readonly queued: number;
  /** How long the oldest of them has waited; absent where none does. */
  readonly waitsSeconds?: number;
  /** Whether a write would succeed now. */
  readonly isReady: boolean;
  /** Institutions, of those that are served here, whose recorder is behind with the root of its access log. */
  readonly rootsOverdue: number;
  /** Of a gateway that stands on the nodes of a network. */
  readonly network?: NetworkStanding;
}

export interface NetworkStanding {
  readonly nodes: number;
  /** Did not answer when they were asked last. */
  readonly unreachable: number;
  /** Heights of which two final blocks were shown, and nobody has settled it. */
  readonly incidents: number;
  /** Why the nodes do not serve, by its code. */
  readonly trouble?: string;
}

export function homePage(standing: Standing): string {
  const sound =
    standing.unsound === undefined
      ? '<dd class="good">Yes</dd>'
      : `<dd class="bad">No: ${escapeHtml(standing.unsound)}</dd>`;
  return pageAround(
    'Kudurru',
    `<h1>Kudurru</h1>
<p>A ledger of who holds which land and who is granted what. Contracts check every entry, two officers sign each one,
and anybody can verify a certificate without trusting this gateway. Nobody's name is on the chain.</p>
${standing.demo ? '<p class="demo">DEMO: no entry here has any legal effect</p>' : ''}`,
    `<h2>How the ledger stands</h2>
<dl>
${figure('Titles in force', standing.titles)}
${figure('Entitlements granted', standing.entitlements)}
${figure('Entries recorded', standing.entries)}
${figure('Last block', `${standing.blockNumber}`)}
${figure('Age of the last block', ageInWords(standing.blockAgeSeconds))}
<div><dt>Is the ledger sound?</dt>${sound}</div>
</dl>
<p>Phase: <strong>${standing.phase}</strong>. Finality: <strong>${standing.finality}</strong>.
${standing.finality === 'local' ? 'One node keeps this chain; a certificate says so.' : ''}</p>
${
  standing.keysWarning === undefined
    ? ''
    : `<p>${escapeHtml(standing.keysWarning)}</p>
`
}${standing.cautions.map((code) => `<p><code>${code}</code>: ${CAUTIONS[code]}</p>\n`).join('')}${standing.missing.length === 0 ? '' : `<h2>What is still missing</h2><ul>${standing.missing.map((line) => `<li>${prose(line)}</li>`).join('')}</ul>`}
<h2>Where to go</h2>
<ul>
<li><a href="/console">The console</a>: find a title, sign what waits, look at the checks</li>
<li><a href="/mine">See what is kept of you</a>, with your card and its PIN and nobody's sign-in</li>
<li><a href="/verify">Verify a certificate</a>, on a page that can be saved and asks nobody</li>
<li><a href="/api">The API page</a>, and the same as a file: <a href="/openapi.json">openapi.json</a></li>
<li><a href="/refusals">Every refusal</a>, with its rule and its remedy, and <a href="/rules">the rules</a></li>
<li><a href="/health/ready">Readiness</a> and <a href="/metrics">metrics</a></li>
<li>The five-minute tour is in the README: <code>npm run -s kudurru -- demo</code></li>
</ul>`,
  );
}

/** What every page has around it. */
export function pageAround(title: string, header: string, main: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="/page.css">
</head>
<body>
<header>
${header}
</header>
<main>
${main}
</main>
<footer><a href="/verify">Check a certificate</a> on your own machine, or: <code>npm run -s kudurru -- verify CERTIFICATE --trust FILE</code></footer>
</body>
</html>
`;
}

function figure(name: string, value: string | number): string {
  return `<div><dt>${name}</dt><dd>${typeof value === 'number' ? value.toLocaleString('en') : value}</dd></div>`;
}

function ageInWords(seconds: number | undefined): string {
  if (seconds === undefined) return 'no block yet';
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h`;
}

/** A sentence in which commands stand between backticks. */
export function prose(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
