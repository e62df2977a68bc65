/**
 * Who may import whom, and what no file may contain: the shape of the house as a check.
 *
 * Reads the tracked sources as text; changes nothing. Used by `check.ts`, which fails the build on any finding.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

export interface Finding {
  readonly file: string;
  readonly problem: string;
}

/** A room is a folder or a file of `server/`; what is not named here may not be imported. */
const MAY_IMPORT: readonly { readonly room: string; readonly from: readonly string[] }[] = [
  { room: 'server/domain/', from: ['server/domain/'] },
  { room: 'server/ledger/', from: ['server/ledger/', 'server/domain/', 'server/crash.ts'] },
  { room: 'server/store/', from: ['server/store/', 'server/domain/', 'server/crash.ts'] },
  {
    room: 'server/commit.ts',
    from: ['server/ledger/', 'server/store/', 'server/domain/', 'server/crash.ts'],
  },
  { room: 'server/disclose.ts', from: ['server/store/', 'server/domain/', 'server/crash.ts'] },
  {
    room: 'server/http/',
    from: [
      'server/http/',
      'server/commit.ts',
      'server/disclose.ts',
      'server/domain/',
      'server/store/views.ts',
    ],
  },
  { room: 'scripts/verify.ts', from: ['server/domain/'] },
];

/** Packages the pure rules may use: no I/O, and small enough for a page. */
const DOMAIN_PACKAGES = ['@noble/', 'jsts', 'flatbush', 'geographiclib-geodesic', 'csv-parse'];

const IMPORT = /(?:from\s+|import\s*\(?\s*)['"]([^'"]+)['"]/g;
const MAX_LINES = 420;
/** An interface is the specification of its register, half of it prose, and is read in one piece. */
const MAX_SPECIFICATION_LINES = 820;
const MAX_FILE_BYTES = 1_000_000;
const NAMELESS_ROOM = /(^|\/)(utils|helpers|common|managers|services|misc)(\/|\.)/;
/** Assembled here, so that this file does not find itself. */
const LEFT_BEHIND = new RegExp(
  `\\b(${['TO' + 'DO', 'FIX' + 'ME', 'HA' + 'CK'].join('|')})\\b|\\.(only|skip)\\(`,
);
const FORBIDDEN_TEXT = new RegExp(
  ['registry\\.' + 'npmjs', 'deb\\.' + 'debian', '/wo' + 'rk/', '/ro' + 'ot/'].join('|'),
);

export function trackedFiles(root: string): string[] {
  return execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
    .split('\0')
    .filter((file) => file !== '' && existsSync(path.join(root, file)));
}

export function inspectHouse(root: string): Finding[] {
  return trackedFiles(root).flatMap((file) => {
    const full = path.join(root, file);
    const problems: string[] = [];
    if (statSync(full).size > MAX_FILE_BYTES) problems.push(`is larger than ${MAX_FILE_BYTES} bytes`);
    if (NAMELESS_ROOM.test(file)) problems.push('stands in a room without a name');
    const isProse = file === 'LICENSE' || file.startsWith('test/vectors/');
    const text = readFileSync(full, 'utf8');
    if (!isProse && FORBIDDEN_TEXT.test(text))
      problems.push('names a registry host or a path of one machine');
    if (/\.(ts|mjs|sol)$/.test(file)) problems.push(...inspectSource(file, text));
    return problems.map((problem) => ({ file, problem }));
  });
}

export function inspectSource(file: string, text: string): string[] {
  const problems: string[] = [];
  const mostLines = file.startsWith('contracts/interfaces/') ? MAX_SPECIFICATION_LINES : MAX_LINES;
  if (text.split('\n').length > mostLines) problems.push(`has more than ${mostLines} lines`);
  if (LEFT_BEHIND.test(text)) problems.push('has something left behind or switched off');
  if (file.endsWith('.sol')) {
    const isClock = file === 'contracts/libraries/Due.sol' || file.startsWith('test/');
    if (!isClock && /\bblock\s*\.\s*(timestamp|prevrandao)|\bblockhash\s*\(/.test(text)) {
      problems.push('reads the clock or a block, which only Due may');
    }
    return problems;
  }
  if (file.startsWith('test/')) return problems; // a test may look anywhere
  for (const [, target] of text.matchAll(IMPORT)) {
    if (target !== undefined) problems.push(...inspectImport(file, target));
  }
  return problems;
}

function inspectImport(file: string, target: string): string[] {
  const isDomain = file.startsWith('server/domain/');
  if (!target.startsWith('.')) {
    const isAllowed = DOMAIN_PACKAGES.some((name) => target === name || target.startsWith(name));
    return isDomain && !isAllowed ? [`is pure and may not import ${target}`] : [];
  }
  const imported = path.posix.join(path.posix.dirname(file), target);
  if (imported === 'server/main.ts') return ['imports main, which nobody may'];
  const rule = MAY_IMPORT.find(({ room }) => file.startsWith(room));
  if (rule === undefined || rule.from.some((room) => imported.startsWith(room))) return [];
  return [`may not import ${imported}`];
}
