/**
 * Builds what a browser is sent, into `web/dist`: the console, the till and a person's own page, each with a file of words a language, and the page
 * that verifies a certificate as one file that can be saved. The bootstrap runs it when a source of either has changed.
 *
 * Promises: names of files carry the hash of their content, so that a browser may keep them for good; each file stands beside
 * its packed forms; nothing is written where a word of the console is missing in a language.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build, type Plugin } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');
const at = (...parts: readonly string[]) => path.join(root, ...parts);
const LANGUAGES = ['en', 'fr', 'ar'] as const;
/** What the page of certificates says, by the beginnings of its keys. */
const OF_VERIFIER =
  /^(?:verify|land|language|time|unit|status|origin|evidence|right|standing|tenancy|party|restriction|responsibility|act|fact|finality|phase|caution)\.|^title\.id$|^error\.code$/;
/** What the till says, by the beginnings of its keys. */
const OF_TILL = /^(?:till|language|digits|shell|number|file)\.|^brand$/;
/** What a person's own page says, and what it borrows of the till. */
const OF_MINE =
  /^(?:mine|reading|keptAs|column|language|digits|shell|role|right|restriction|status|kind)\.|^brand$|^who\.(?:noI|i)nstitution$|^title\.(?:parcel|id)$|^act\.(?:inEnglish|fields|keep)$|^error\.inEnglish$/;
/** Browsers of the last four years. */
const TARGET = 'es2022';

type Words = Readonly<Record<string, unknown>>;

const wordsOf = (language: string): Words =>
  JSON.parse(fs.readFileSync(at('web/words', `${language}.json`), 'utf8'));
const hashOf = (bytes: Uint8Array | string, form: 'hex' | 'base64' = 'hex') =>
  createHash('sha256').update(bytes).digest(form);

interface Parts {
  readonly script: string;
  readonly style: string;
  readonly words: Readonly<Record<string, string>>;
}

/** What the gateway reads to know which file is which. */
interface Manifest extends Parts {
  readonly till: Parts;
  readonly mine: Parts;
  /** Hashes of what the page of certificates has inside, for its policy. */
  readonly verify: { readonly script: string; readonly style: string };
}

type Common = Parameters<typeof build>[0];

const ROWS = /[/\\]refusals[/\\]\w+\.ts$/;

/**
 * Of the catalogue a script is sent the rows that code of its own can refuse as: those named in what it is made of. The
 * others are a third of what a telephone would fetch.
 */
async function withOwnRefusals(common: Common, entry: string): Promise<Common> {
  const whole = { ...common, entryPoints: [entry], format: 'esm' as const, metafile: true };
  const { metafile } = await build({ ...whole, write: false, outdir: at('web/dist'), splitting: true });
  const code = Object.keys(metafile?.inputs ?? {})
    .filter((file) => file.endsWith('.ts') && !ROWS.test(file))
    .map((file) => fs.readFileSync(path.resolve(file), 'utf8'))
    .join('\n');
  // A name of one word needs no quotes as a key.
  const isNamed = (name: string) => !name.includes('-') || code.includes(`'${name}'`);
  const ownRefusals: Plugin = {
    name: 'own-refusals',
    setup: ({ onLoad }) =>
      onLoad({ filter: ROWS }, async ({ path: file }) => {
        const module: Record<string, object> = await import(pathToFileURL(file).href);
        const kept = Object.entries(module).map(([name, rows]) => {
          const own = Object.entries(rows).filter(([code]) => isNamed(code));
          return `export const ${name} = ${JSON.stringify(Object.fromEntries(own))};`;
        });
        return { contents: kept.join('\n') };
      }),
  };
  return { ...common, plugins: [ownRefusals] };
}

async function buildWeb(into: string): Promise<void> {
  const next = `${into}.${process.pid}`;
  fs.rmSync(next, { recursive: true, force: true });
  fs.mkdirSync(next, { recursive: true });
  const common = {
    bundle: true,
    minify: true,
    target: TARGET,
    charset: 'utf8',
    legalComments: 'none',
  } as const satisfies Common;
  const script = await inParts('console', next, common);
  const style = await bundled(at('web/page/page.css'), common);
  const keep = (name: string, ending: string, text: string) => {
    const file = `${name}-${hashOf(text).slice(0, 8)}.${ending}`;
    fs.writeFileSync(path.join(next, file), text);
    return file;
  };
  const words = LANGUAGES.map((one) => {
    const own = Object.entries(wordsOf(one)).filter(([key]) => !/^(?:till|mine|reading|keptAs)\./.test(key));
    return [one, keep(one, 'json', JSON.stringify(Object.fromEntries(own)))] as const;
  });
  const manifest: Manifest = {
    script,
    style: keep('page', 'css', style),
    words: Object.fromEntries(words),
    till: await buildTill(next, keep, common),
    mine: {
      script: await inParts('mine', next, common),
      style: keep('mine', 'css', await bundled(at('web/mine/mine.css'), common)),
      words: wordFilesOf('mine', OF_MINE, keep),
    },
    verify: await buildVerifier(path.join(next, 'verify.html'), style, common),
  };
  fs.writeFileSync(path.join(next, 'manifest.json'), JSON.stringify(manifest));
  for (const file of fs.readdirSync(next)) pack(path.join(next, file));
  fs.rmSync(into, { recursive: true, force: true });
  fs.renameSync(next, into);
}

/** A script whose pages are fetched when they are first opened; answers its name. */
async function inParts(app: 'console' | 'mine', outdir: string, common: Common): Promise<string> {
  const entry = `web/${app}/main.ts`;
  const { metafile } = await build({
    ...(await withOwnRefusals(common, at(entry))),
    entryPoints: [at(entry)],
    outdir,
    format: 'esm',
    splitting: true,
    entryNames: `${app}-[hash]`,
    chunkNames: '[name]-[hash]',
    metafile: true,
  });
  // A page that is fetched later is an entry of its own.
  const made = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint?.endsWith(entry));
  return path.basename(made?.[0] ?? '');
}

/** A file of the words of one app in each language. */
function wordFilesOf(
  app: string,
  keys: RegExp,
  keep: (name: string, ending: string, text: string) => string,
): Parts['words'] {
  const files = LANGUAGES.map((one) => {
    const own = Object.entries(wordsOf(one)).filter(([key]) => keys.test(key));
    return [one, keep(`${app}-${one}`, 'json', JSON.stringify(Object.fromEntries(own)))] as const;
  });
  return Object.fromEntries(files);
}

/** The till is one script, and its worker keeps all of it on the device: it is opened where there is no line. */
async function buildTill(
  into: string,
  keep: (name: string, ending: string, text: string) => string,
  common: Common,
): Promise<Parts> {
  const script = keep('till', 'js', await bundled(at('web/till/main.ts'), common, {}, 'esm'));
  const style = keep('till', 'css', await bundled(at('web/till/till.css'), common));
  const words = wordFilesOf('till', OF_TILL, keep);
  const files = [
    ...LANGUAGES.flatMap((one) => [`/till/${one}/`, `/till/${one}/app.webmanifest`]),
    ...[script, style, ...Object.values(words)].map((name) => `/console/assets/${name}`),
    '/icon.svg',
  ];
  const worker = await bundled(at('web/till/worker.ts'), common, { TILL_FILES: JSON.stringify(files) });
  fs.writeFileSync(path.join(into, 'till-worker.js'), worker);
  for (const one of LANGUAGES) {
    const { 'till.name': name } = wordsOf(one);
    const app = {
      name,
      short_name: name,
      lang: one,
      start_url: `/till/${one}/`,
      scope: '/till/',
      display: 'standalone',
      icons: [{ src: '/icon.svg', sizes: 'any', type: 'image/svg+xml' }],
    };
    fs.writeFileSync(path.join(into, `till-${one}.webmanifest`), JSON.stringify(app));
  }
  return { script, style, words };
}

async function bundled(
  entry: string,
  common: Common,
  define: Readonly<Record<string, string>> = {},
  format: 'iife' | 'esm' = 'iife',
): Promise<string> {
  const own = entry.endsWith('.ts') ? await withOwnRefusals({ ...common, define }, entry) : common;
  const made = await build({ ...own, entryPoints: [entry], format, define, write: false });
  return made.outputFiles?.[0]?.text ?? '';
}

/** One classic script and one style, both inside and named by hash in the page's own policy: it is the same when it is saved. */
async function buildVerifier(file: string, style: string, common: Common): Promise<Manifest['verify']> {
  const words = LANGUAGES.map((one) => [
    one,
    Object.fromEntries(Object.entries(wordsOf(one)).filter(([key]) => OF_VERIFIER.test(key))),
  ]);
  const define = { VERIFIER_WORDS: JSON.stringify(Object.fromEntries(words)) };
  const code = await bundled(at('web/verify/main.ts'), common, define);
  // A closing tag in a string of the script would end it.
  const script = code.replaceAll('</script', '<\\/script');
  const hashes = { script: `sha256-${hashOf(script, 'base64')}`, style: `sha256-${hashOf(style, 'base64')}` };
  const policy = `default-src 'none'; script-src '${hashes.script}'; style-src '${hashes.style}'; base-uri 'none'; form-action 'none'`;
  const page = fs.readFileSync(at('web/verify/page.html'), 'utf8');
  const filled = page
    .replace('POLICY', () => policy)
    .replace('/* STYLE */', () => style)
    .replace('/* SCRIPT */', () => script);
  fs.writeFileSync(file, filled);
  return hashes;
}

/** Beside each file what a browser is sent of it. */
function pack(file: string): void {
  const bytes = fs.readFileSync(file);
  fs.writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  fs.writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }));
}

await buildWeb(at('web/dist'));
