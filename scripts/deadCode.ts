/**
 * Finds what nothing uses: files, exports, members, packages, crash points, import rights. Pure functions over the tree as read.
 *
 * Names are compared and not types, so a member with the name of a used one is taken for used: what is found is surely
 * unused, and what has a common name may be missed. For `house.ts` and `test/deadCode.test.ts`.
 */
import path from 'node:path';
import { importsOf, type SourceFile, stringsOf, wordsOf } from './source.ts';

const isCode = ({ path: file }: SourceFile): boolean => /\.(ts|mts|mjs|js)$/.test(file);
/** What is shipped or run by hand; what only tests are made of is not. */
const isOurs = (file: SourceFile): boolean =>
  isCode(file) && /^(server|scripts|bench|deploy|web)\//.test(file.path);
const textOf = ({ text = '' }: SourceFile): string => text;

// ---- Files ------------------------------------------------------------------------------------------------

/** Tools find these by the form of their names. */
const FOUND_BY_TOOLS = /\.test\.ts$|\.t\.sol$|\.d\.ts$|^hardhat\.config\.ts$/;

/** Sources whose names stand in no other file's strings: neither imported nor started. */
export function deadFiles(tree: readonly SourceFile[]): string[] {
  const sources = tree.filter((file) => isCode(file) || file.path.endsWith('.sol'));
  const namers = new Map<string, Set<string>>();
  for (const file of [...sources, ...tree.filter(({ path: name }) => name === 'package.json')]) {
    for (const name of stringsOf(textOf(file)).flatMap((text) => text.match(/[\w.-]+/g) ?? []))
      namers.set(name, (namers.get(name) ?? new Set()).add(file.path));
  }
  return sources
    .filter((file) => !FOUND_BY_TOOLS.test(file.path))
    .filter((file) => {
      const base = path.posix.basename(file.path);
      // A compiled contract is loaded by its name alone.
      const names = base.endsWith('.sol') ? [base, base.slice(0, -'.sol'.length)] : [base];
      return names.every((name) => [...(namers.get(name) ?? [])].every((namer) => namer === file.path));
    })
    .map((file) => `${file.path}: nothing imports or starts it`);
}

// ---- Exports ----------------------------------------------------------------------------------------------

const EXPORT =
  /^export (?:abstract )?(async function\*?|function\*?|const|let|class|interface|type|enum) (\w+)/gm;
const isType = (kind: string): boolean => kind === 'interface' || kind === 'type';

/**
 * Exports of ours that nobody imports, and those that only tests use. What its own file uses and a test looks at is
 * neither: a test may see a part of what is alive.
 */
export function unusedExports(tree: readonly SourceFile[]): string[] {
  const importers = importersIn(tree.filter(isCode));
  const found: string[] = [];
  for (const file of tree.filter(isOurs)) {
    const words = wordsOf(textOf(file));
    for (const [, kind = '', name = ''] of words.matchAll(EXPORT)) {
      const by = importers(file.path, name);
      if (by.some((importer) => !importer.startsWith('test/'))) continue;
      const isUsedHere = (words.match(new RegExp(`\\b${name}\\b`, 'g')) ?? []).length > 1;
      if (by.length > 0) {
        // What runs the tests is theirs.
        if (!isUsedHere && !file.path.startsWith('scripts/'))
          found.push(`${file.path}: ${name} is used by tests alone`);
      } else if (!isUsedHere) {
        found.push(`${file.path}: ${name} is used by nothing`);
      } else if (!isType(kind)) {
        // A type is exported with the function whose signature it is part of.
        found.push(`${file.path}: ${name} is exported, and nobody imports it`);
      }
    }
  }
  return found;
}

/** Who imports a name of a file, by the paths of both. */
function importersIn(tree: readonly SourceFile[]): (file: string, name: string) => string[] {
  const importers = new Map<string, string[]>();
  for (const file of tree) {
    for (const { from, names } of importsOf(textOf(file))) {
      if (!from.startsWith('.')) continue;
      const target = path.posix.join(path.posix.dirname(file.path), from);
      for (const name of names) {
        const key = `${target} ${name}`;
        importers.set(key, [...(importers.get(key) ?? []), file.path]);
      }
    }
  }
  return (file, name) => [...(importers.get(`${file} ${name}`) ?? []), ...(importers.get(`${file} *`) ?? [])];
}

// ---- Members ----------------------------------------------------------------------------------------------

/** A method of a class or of a returned object, as our formatter writes its first line; or its place in an interface. */
const METHOD = /^ {2,6}(?:async |get |\*)*([a-z]\w*)(?:<[^(\n]*>)?\((?:.*\{|.*;|)$/gm;
/** Words that stand at the beginning of a statement in the same form. */
const STATEMENTS = new Set([
  'if',
  'for',
  'while',
  'switch',
  'return',
  'catch',
  'constructor',
  'await',
  'throw',
]);

/** Methods of the server whose names ours never say, but where they are declared. */
export function unusedMethods(tree: readonly SourceFile[]): string[] {
  const said = new Map<string, number>();
  for (const file of tree.filter(isOurs))
    for (const word of wordsOf(textOf(file)).match(/\b[a-z]\w*/g) ?? [])
      said.set(word, (said.get(word) ?? 0) + 1);
  const declared = new Map<string, string[]>();
  for (const file of tree.filter((one) => isOurs(one) && one.path.startsWith('server/'))) {
    for (const [line, name = ''] of wordsOf(textOf(file)).matchAll(METHOD)) {
      const isCall = line.endsWith(';') && !/\): /.test(line);
      if (!STATEMENTS.has(name) && !isCall) declared.set(name, [...(declared.get(name) ?? []), file.path]);
    }
  }
  return [...declared].flatMap(([name, files]) =>
    said.get(name) === files.length ? files.map((file) => `${file}: ${name} is called by nothing`) : [],
  );
}

// ---- Packages ---------------------------------------------------------------------------------------------

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly peerDependencies?: Readonly<Record<string, string>> }>
  >;
}

/** Packages of the manifest that no import, no string and no setting of a tool names. */
export function unusedPackages(tree: readonly SourceFile[]): string[] {
  const manifest = tree.find((file) => file.path === 'package.json');
  const { dependencies, devDependencies }: Manifest = JSON.parse(manifest?.text ?? '{}');
  const settings = /^(\.prettierrc|tsconfig\.json|biome\.json|\.solhint\.json)$/;
  const named = tree
    .filter((file) => isCode(file) || file.path.endsWith('.sol') || settings.test(file.path))
    .flatMap((file) => stringsOf(textOf(file)));
  // The types of a package are taken by whoever takes the package, or by the compiler's own list.
  const plain = (name: string): string => name.replace(/^@types\//, '');
  const lock: Lock = JSON.parse(
    tree.find((file) => file.path === 'package-lock.json')?.text ?? '{"packages":{}}',
  );
  const listed = new Set([...Object.keys(dependencies), ...Object.keys(devDependencies)]);
  // A package may ask for another beside itself.
  const peers = new Set(
    Object.values(lock.packages).flatMap(({ peerDependencies = {} }) => Object.keys(peerDependencies)),
  );
  const isNamed = (name: string): boolean =>
    named.some(
      (text) => text === name || text.startsWith(`${name}/`) || text.startsWith(`node_modules/${name}/`),
    );
  return [...listed]
    .filter((name) => !isNamed(plain(name)) && !peers.has(name))
    .map((name) => `package.json: ${name} is used by nothing`);
}

// ---- Crash points -----------------------------------------------------------------------------------------

/** Crash points of the list that the server never passes. */
export function unpassedCrashPoints(tree: readonly SourceFile[]): string[] {
  const list = tree.find((file) => file.path === 'server/crash.ts');
  const listed = [...textOf(list ?? { path: '', text: '', bytes: 0 }).matchAll(/^ {2}'([\w.-]+)',/gm)];
  const server = tree.filter((file) => file.path.startsWith('server/') && file !== list);
  const passed = new Set(server.flatMap((file) => stringsOf(textOf(file))));
  return listed.flatMap(([, point = '']) =>
    passed.has(point) ? [] : [`server/crash.ts: ${point} is passed by nothing`],
  );
}
