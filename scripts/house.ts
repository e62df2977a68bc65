/**
 * The rules of the house that no off-the-shelf linter states: who may import whom, what a file may be
 * called, how long it may be, what it may not say. Pure functions over the tree as read, so that each rule
 * can be shown a tree that breaks it. For `check.ts` and `test/tidy.test.ts`.
 */
import path from 'node:path';
import { importsOf, type SourceFile, withoutComments, wordsOf } from './source.ts';

/** One rule: its sentence, and where the tree breaks it (`path: why`), nothing when it is kept. */
export interface HouseRule {
  readonly title: string;
  find(tree: readonly SourceFile[]): string[];
}

// ---- Who may import whom ----------------------------------------------------------------------------------

/** The rooms of the house. The first pattern that matches a path is its room. */
const ROOMS: readonly (readonly [room: string, pattern: RegExp])[] = [
  ['main', /^server\/main\.ts$/],
  ['stores', /^server\/wiring\/(stores|config|nodes|checkpoints|credentials)\.ts$/],
  ['wiring', /^server\/wiring\//],
  ['crash', /^server\/crash\.ts$/],
  ['control', /^server\/localControl\.ts$/],
  ['acts', /^server\/acts\//],
  ['desk', /^server\/desk\//],
  ['threads', /^server\/threads\//],
  ['disclose', /^server\/disclose\.ts$/],
  ['fsck', /^server\/(fsck|checkup|backup|restore)\.ts$/],
  ['audit', /^server\/(audit|derivation|genesis|network|nodeCheck|succession|successor)\.ts$/],
  ['domain', /^server\/domain\//],
  ['ledger', /^server\/ledger\//],
  ['views', /^server\/store\/views(\.ts$|\/)/],
  ['store', /^server\/store\//],
  ['http', /^server\/http\//],
  ['verify', /^scripts\/verify(\.ts$|\/)/],
  ['scripts', /^scripts\//],
  ['bench', /^bench\//],
  ['deploy', /^(deploy\/|hardhat\.config\.ts$)/],
  ['test', /^test\//],
  ['web', /^web\//],
  ['types', /^types\//],
  ['manifest', /^(package|\.mocharc)\.json$/],
];

/**
 * From a room to the rooms it may import besides itself. `main` is on no right side: nobody imports it; `wiring` is a part
 * of it. A right that no import uses is taken back, but for those of tests, which come and go with what they test.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  main: ['wiring', 'stores', 'control', 'http', 'acts', 'desk', 'fsck', 'ledger', 'views', 'store', 'domain'],
  wiring: ['stores', 'threads', 'http', 'acts', 'desk', 'disclose', 'ledger', 'views', 'store', 'domain'],
  http: ['acts', 'desk', 'disclose', 'views', 'domain'],
  threads: ['ledger', 'store', 'domain'],
  desk: ['threads', 'acts', 'disclose', 'views', 'store', 'domain'],
  acts: ['ledger', 'store', 'domain', 'crash'],
  stores: ['ledger', 'store', 'domain'],
  fsck: ['audit', 'stores', 'ledger', 'views', 'store', 'domain', 'crash'],
  audit: ['ledger', 'domain'],
  disclose: ['store', 'domain'],
  ledger: ['domain', 'types', 'crash'],
  store: ['domain', 'crash'],
  views: ['store', 'domain', 'crash'],
  crash: [],
  control: [],
  domain: [],
  verify: ['domain'],
  scripts: ['verify', 'deploy', 'stores', 'control', 'audit', 'fsck', 'views', 'store', 'domain'],
  bench: [
    'scripts',
    'deploy',
    'manifest',
    'wiring',
    'http',
    'ledger',
    'desk',
    'views',
    'store',
    'domain',
    'fsck',
    'audit',
    'test',
  ],
  deploy: ['domain', 'audit'],
  test: [
    'stores',
    'crash',
    'control',
    'acts',
    'desk',
    'disclose',
    'audit',
    'fsck',
    'ledger',
    'views',
    'store',
    'domain',
    'types',
    'http',
    'threads',
    'wiring',
    'scripts',
    'verify',
    'web',
    'bench',
    'deploy',
    'manifest',
  ],
  web: ['domain'],
};

/** Libraries that belong to one room, and the rooms that may name them. */
const ONLY_IN: readonly (readonly [library: RegExp, rooms: readonly string[]])[] = [
  [/^(express|helmet|express-rate-limit|swagger-ui-dist)(\/|$)/, ['http', 'test']],
  [/^level(\/|$)/, ['store', 'views', 'test', 'bench']],
  [/^(hardhat|@nomicfoundation\/[^/]+)(\/|$)/, ['ledger', 'scripts', 'bench', 'deploy', 'test']],
  [/^ethers(\/|$)/, ['ledger', 'scripts', 'bench', 'deploy', 'test']],
];

/** What the domain may stand on: pure libraries that run in a browser too. */
const DOMAIN_LIBRARIES =
  /^(@noble\/(curves|hashes)|jsts|flatbush|geographiclib-geodesic|proj4|libphonenumber-js)(\/|$)|^(shpjs|@tmcw\/togeojson|@xmldom\/xmldom|read-excel-file\/universal)$/;

const isCode = (file: SourceFile): boolean => /\.(ts|mts|mjs|js)$/.test(file.path);
const roomOf = (file: string): string | undefined => ROOMS.find(([, pattern]) => pattern.test(file))?.[0];
const isRelative = (from: string): boolean => from.startsWith('.');

function importFault(file: string, room: string, from: string, typeOnly: boolean): string | undefined {
  if (isRelative(from)) {
    const target = path.posix.join(path.posix.dirname(file), from);
    const other = roomOf(target);
    if (other === undefined) return `imports ${target}, which has no row in the table of rooms`;
    if (other === 'types' && !typeOnly) return `imports ${target} for more than its types`;
    const mayEnter = other === room ? other !== 'main' : MAY_IMPORT[room]?.includes(other);
    return mayEnter ? undefined : `${room} may not import ${other} (${target})`;
  }
  if (room === 'domain' || room === 'verify') {
    const isFree = room === 'verify' && (from.startsWith('node:') || from === 'commander');
    return isFree || DOMAIN_LIBRARIES.test(from) ? undefined : `${room} may not import ${from}`;
  }
  const owners = ONLY_IN.find(([library]) => library.test(from))?.[1];
  return owners === undefined || owners.includes(room) ? undefined : `${room} may not import ${from}`;
}

const importRule: HouseRule = {
  title: 'every import is one the table of rooms allows',
  find: (tree) =>
    tree.filter(isCode).flatMap((file) => {
      const room = roomOf(file.path);
      if (room === undefined) return [`${file.path}: has no row in the table of rooms`];
      return importsOf(file.text ?? '').flatMap(({ from, typeOnly }) => {
        // A computed import is fine where nothing is layered; in the server it would walk round the table.
        if (from === '?') return file.path.startsWith('server/') ? [`${file.path}: computed import()`] : [];
        const fault = importFault(file.path, room, from, typeOnly);
        return fault === undefined ? [] : [`${file.path}: ${fault}`];
      });
    }),
};

/** Rights of the table that no import needs: a door that nobody goes through is closed before somebody does. */
export function unusedRights(tree: readonly SourceFile[]): string[] {
  const used = new Set(
    tree.filter(isCode).flatMap((file) =>
      importsOf(file.text ?? '').map(({ from }) => {
        const target = isRelative(from) ? path.posix.join(path.posix.dirname(file.path), from) : from;
        return `${roomOf(file.path)} ${roomOf(target) ?? target}`;
      }),
    ),
  );
  return Object.entries(MAY_IMPORT)
    .filter(([room]) => room !== 'test')
    .flatMap(([room, others]) =>
      others
        .filter((other) => !used.has(`${room} ${other}`))
        .map((other) => `${room} never imports ${other}`),
    );
}

const barrelRule: HouseRule = {
  title: 'no file passes on what another exports, and none exports a default',
  find: (tree) =>
    tree.filter(isCode).flatMap((file) => {
      const text = file.text ?? '';
      const found: string[] = [];
      if (importsOf(text).some(({ reexport }) => reexport)) found.push(`${file.path}: re-export`);
      const insists = roomOf(file.path) === 'deploy'; // Hardhat and Ignition ask for a default
      if (!insists && /\bexport\s+default\b/.test(wordsOf(text))) found.push(`${file.path}: default export`);
      return found;
    }),
};

/** The outside world, by the names it is reached under. */
const IMPURE =
  /\bprocess\s*\.|\bDate\s*\.\s*now\b|\bnew\s+Date\s*\(\s*\)|\bMath\s*\.\s*random\b|\bcrypto\s*\.|\bperformance\s*\.|\bfetch\s*\(|\bsetTimeout\b|\bsetInterval\b|\bconsole\s*\.|\bBuffer\b|\bglobalThis\b/;

const purityRule: HouseRule = {
  title: 'the domain reads no clock, no randomness, no environment and does no I/O',
  find: (tree) =>
    tree
      .filter((file) => file.path.startsWith('server/domain/') && isCode(file))
      .flatMap((file) => linesWith(file, wordsOf(file.text ?? ''), IMPURE)),
};

// ---- Names, sizes, words ----------------------------------------------------------------------------------

/** A file a person can hold in the head; past it there are two rooms in one. */
const MAX_LINES = 600;
/** Larger belongs to a release, not to the history everybody clones. */
const MAX_FILE_BYTES = 1_000_000;

const isSource = (file: SourceFile): boolean => /\.(ts|mts|mjs|js|sol|css|html)$/.test(file.path);

function linesWith(file: SourceFile, text: string, pattern: RegExp): string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      pattern.test(line) ? [`${file.path}:${index + 1}: ${pattern.exec(line)?.[0]}`] : [],
    );
}

const lengthRule: HouseRule = {
  title: `no source file is longer than ${MAX_LINES} lines`,
  find: (tree) =>
    tree.filter(isSource).flatMap((file) => {
      const lines = (file.text ?? '').split('\n').length - 1;
      return lines > MAX_LINES ? [`${file.path}: ${lines} lines`] : [];
    }),
};

const sizeRule: HouseRule = {
  title: `no file is larger than ${MAX_FILE_BYTES} bytes`,
  find: (tree) =>
    tree.filter((file) => file.bytes > MAX_FILE_BYTES).map((file) => `${file.path}: ${file.bytes} bytes`),
};

const folderRule: HouseRule = {
  title: 'every folder and file is named after what is in it',
  find: (tree) =>
    tree
      .filter((file) =>
        /(^|\/)(utils?|helpers?|common|managers?|services?|misc)(\/|\.[a-z.]+$)/i.test(file.path),
      )
      .map((file) => `${file.path}: a room without a name`),
};

// Spelt with brackets, so that this file does not find itself.
const LEFT_BEHIND =
  /\b(T[O]DO|F[I]XME|X[X]X|H[A]CK)\b|\b(describe|it|context|suite|specify)\.(only|skip)\b|\b(x[i]t|x[d]escribe|x[c]ontext)\s*\(/;
const ESCAPES =
  /@ts-(i)gnore|@ts-(e)xpect-error|@ts-(n)ocheck|biome-(i)gnore|solhint-(d)isable|prettier-(i)gnore|\bas\s+any\b/;

const leftBehindRule: HouseRule = {
  title: 'nothing is left for later, switched off, or run alone',
  find: (tree) => tree.filter(isSource).flatMap((file) => linesWith(file, file.text ?? '', LEFT_BEHIND)),
};

const escapeRule: HouseRule = {
  title: 'no comment silences a checker',
  find: (tree) => tree.filter(isSource).flatMap((file) => linesWith(file, file.text ?? '', ESCAPES)),
};

const HOSTS = /registry\.(n)pmjs|registry\.(y)arnpkg|deb\.(d)ebian|(p)ypi\.org|files\.(p)ythonhosted/i;
const MACHINE_PATHS =
  /(^|[\s"'`=(:])\/(w)ork\/|(^|[\s"'`=(:])\/(r)oot\/|\/(h)ome\/[a-z]+\/|\/(U)sers\/[a-z]+\//;

const placeRule: HouseRule = {
  title: 'no file names a package registry or a path of one machine',
  find: (tree) =>
    tree.flatMap((file) => [
      ...linesWith(file, file.text ?? '', HOSTS),
      ...linesWith(file, file.text ?? '', MACHINE_PATHS),
    ]),
};

/** Tests write their examples as they read best. */
const WITHOUT_LITERAL_SPREADS = /^(server|scripts|deploy|bench|web)\//;

const spreadRule: HouseRule = {
  // The compiler looks for a field too many in a literal, and not in one that is spread into another.
  title: 'no object literal is spread into another, but in tests',
  find: (tree) =>
    tree
      .filter((file) => WITHOUT_LITERAL_SPREADS.test(file.path))
      .flatMap((file) => linesWith(file, wordsOf(file.text ?? ''), /\.\.\.\s*\(?\s*\{/)),
};

const clockRule: HouseRule = {
  title: 'only Due.sol reads the clock of the chain',
  find: (tree) =>
    tree
      .filter((file) => file.path.startsWith('contracts/') && file.path !== 'contracts/journal/Due.sol')
      .flatMap((file) =>
        linesWith(file, withoutComments(file.text ?? ''), /\bblock\s*\.\s*timestamp\b|\btimestamp\s*\(\s*\)/),
      ),
};

const isSolidityTest = ({ path: file }: SourceFile): boolean => /^test\/contracts\/.*\.sol$/.test(file);

const artifactRule: HouseRule = {
  // What a test imports is compiled into it, by other settings than what is deployed.
  title: 'a Solidity test imports interfaces and libraries, and creates contracts from their artifacts',
  find: (tree) => {
    const deployed = new Set(
      tree
        .filter((file) => file.path.endsWith('.sol') && !isSolidityTest(file))
        .flatMap(({ text }) =>
          [...withoutComments(text ?? '').matchAll(/^(?:abstract )?contract (\w+)/gm)].map(
            ([, name]) => name,
          ),
        ),
    );
    return tree.filter(isSolidityTest).flatMap((file) =>
      [...withoutComments(file.text ?? '').matchAll(/^import \{([^}]*)\}/gm)].flatMap(([, names = '']) =>
        names
          .split(',')
          .map((name) => name.trim())
          .filter((name) => deployed.has(name))
          .map((name) => `${file.path}: imports the contract ${name}`),
      ),
    );
  },
};

const expectRule: HouseRule = {
  title: 'a Solidity test says what it found and what it wanted',
  find: (tree) =>
    tree
      .filter((file) => isSolidityTest(file) && file.path !== 'test/contracts/Expect.sol')
      .flatMap((file) => linesWith(file, withoutComments(file.text ?? ''), /\b(require|assert)\s*\(/)),
};

/** A test stands on a world, and the world on the founded ledger. */
const MAX_INHERITED = 2;
/** The one handler of all invariants of land, in three floors. */
const DEEPER = /^test\/contracts\/land\/Land(Invariants\.t|Handler|Hands|Books)\.sol$/;

const depthRule: HouseRule = {
  title: `no Solidity test inherits through more than ${MAX_INHERITED} contracts`,
  find: (tree) => {
    const declared = tree
      .filter(isSolidityTest)
      .flatMap(({ path: file, text }) =>
        [...withoutComments(text ?? '').matchAll(/^(?:abstract )?contract (\w+)(?: is ([\w, ]+))? \{/gm)].map(
          ([, name = '', bases = '']) => ({ file, name, bases: bases.split(', ') }),
        ),
      );
    const basesOf = new Map(declared.map(({ name, bases }) => [name, bases]));
    const depthOf = (name: string): number =>
      Math.max(0, ...(basesOf.get(name) ?? []).filter(Boolean).map((base) => 1 + depthOf(base)));
    return declared
      .filter(({ file, name }) => !DEEPER.test(file) && depthOf(name) > MAX_INHERITED)
      .map(({ file, name }) => `${file}: ${name} inherits through ${depthOf(name)}`);
  },
};

/** In the order a reader meets them: structure first, words last. */
export const houseRules: readonly HouseRule[] = [
  importRule,
  barrelRule,
  purityRule,
  clockRule,
  artifactRule,
  expectRule,
  depthRule,
  spreadRule,
  lengthRule,
  sizeRule,
  folderRule,
  leftBehindRule,
  escapeRule,
  placeRule,
];
