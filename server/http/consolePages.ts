/**
 * The pages that work in a browser: the console, the till and a person's own record in the reader's language, and the page that verifies a
 * certificate.
 *
 * Promises: no script or style stands in a page but the verifier's own, which its policy names by hash; the first bytes have
 * a heading and a sentence in the reader's language, so that a slow line shows no white page; files whose names carry their
 * hash are kept by browsers, and everything else is asked for again. What it serves was built by `scripts/web.ts`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type express from 'express';
import { refusal } from '../domain/base/refusal.ts';
import { escapeHtml, pageAround } from './pages.ts';

const DIST = fileURLToPath(new URL('../../web/dist/', import.meta.url));

const DIRECTION = { en: 'ltr', fr: 'ltr', ar: 'rtl' } as const;
type Language = keyof typeof DIRECTION;
const LANGUAGES = Object.keys(DIRECTION) as Language[];
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'js',
  '.css': 'css',
  '.json': 'json',
  '.html': 'html',
};
/** In the order in which they are better. */
const PACKED = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** What a first page is made of. */
interface Parts {
  readonly script: string;
  readonly style: string;
  readonly words: Readonly<Record<Language, string>>;
}

/** The words that an app is called by. */
type AppName = 'brand' | 'till.name' | 'mine.name';
type Shells = Readonly<Record<Language, string>>;

interface Manifest extends Parts {
  readonly till: Parts;
  readonly mine: Parts;
  readonly verify: { readonly script: string; readonly style: string };
}

interface Built {
  readonly verify: Manifest['verify'];
  /** The first page of each language. */
  readonly shells: { readonly console: Shells; readonly till: Shells; readonly mine: Shells };
  readonly files: ReadonlyMap<string, Buffer>;
}

/** Read once, when it is first asked for: a gateway that is not asked for pages needs none. */
function reader(): () => Built | undefined {
  let built: Built | undefined;
  return () => {
    if (built === undefined && existsSync(path.join(DIST, 'manifest.json'))) built = readBuilt();
    return built;
  };
}

function readBuilt(): Built {
  const files = new Map(readdirSync(DIST).map((name) => [name, readFileSync(path.join(DIST, name))]));
  const manifest = JSON.parse(`${files.get('manifest.json')}`) as Manifest;
  const shellsOf = (parts: Parts, app: AppName) =>
    Object.fromEntries(
      LANGUAGES.map((language) => [
        language,
        shellOf(language, parts, JSON.parse(`${files.get(parts.words[language])}`), app),
      ]),
    ) as Shells;
  const shells = {
    console: shellsOf(manifest, 'brand'),
    till: shellsOf(manifest.till, 'till.name'),
    mine: shellsOf(manifest.mine, 'mine.name'),
  };
  return { verify: manifest.verify, shells, files };
}

function shellOf(
  language: Language,
  { script, style, words }: Parts,
  said: Readonly<Record<string, string>>,
  app: AppName,
): string {
  const word = (key: string) => escapeHtml(said[key] ?? '');
  const install = app === 'till.name' ? '<link rel="manifest" href="app.webmanifest">\n' : '';
  return `<!doctype html>
<html lang="${language}" dir="${DIRECTION[language]}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${word(app)}</title>
<link rel="icon" href="/icon.svg">
${install}<link rel="stylesheet" href="/console/assets/${style}">
<link id="words" rel="preload" as="fetch" crossorigin="use-credentials" href="/console/assets/${words[language]}">
<script type="module" src="/console/assets/${script}"></script>
</head>
<body>
<main>
<h1>${word(app)}</h1>
<p>${word('shell.opening')}</p>
<p id="failed" role="alert" hidden>${word('shell.failed')}</p>
<noscript><p>${word('shell.noScript')}</p></noscript>
</main>
</body>
</html>
`;
}

/** `page` mounts a page behind the rate of all of them. */
export function mountConsole(page: (place: string, handler: express.RequestHandler) => void): void {
  const read = reader();
  const withBuilt =
    (answer: (built: Built, req: express.Request, res: express.Response) => void): express.RequestHandler =>
    (req, res, next) => {
      const built = read();
      if (built === undefined) notBuilt(res);
      else answer(built, req, res);
      if (!res.headersSent) next(refusal('route-missing'));
    };
  const inOwnLanguage =
    (app: string): express.RequestHandler =>
    (req, res) => {
      res.vary('Accept-Language').redirect(302, `/${app}/${req.acceptsLanguages(...LANGUAGES) || 'en'}/`);
    };
  page('/console', inOwnLanguage('console'));
  page('/till', inOwnLanguage('till'));
  page('/mine', inOwnLanguage('mine'));
  page(
    '/console/assets/:name',
    withBuilt(({ files }, req, res) => {
      const { name } = req.params;
      const type = typeof name === 'string' ? TYPES[path.extname(name)] : undefined;
      const isKept = typeof name === 'string' && files.has(name) && /-[0-9A-Za-z]{8}\./.test(name);
      if (!isKept || type === undefined) return;
      res.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
      sendPacked(files, name, type, req, res);
    }),
  );
  const shellFor = (app: keyof Built['shells']) =>
    withBuilt(({ shells }, req, res) => {
      const language = LANGUAGES.find((one) => one === req.params.language);
      if (language === undefined) return;
      res.setHeader('Content-Security-Policy', PAGE_POLICY);
      res.setHeader('Cache-Control', 'no-cache');
      res.type('html').send(shells[app][language]);
    });
  page('/console/:language/', shellFor('console'));
  page('/console/:language/*rest', shellFor('console'));
  const fileAt = (place: string, type: string, nameFor: (language: unknown) => string) =>
    page(
      place,
      withBuilt(({ files }, req, res) => {
        const name = nameFor(req.params.language);
        if (!files.has(name)) return;
        res.setHeader('Content-Security-Policy', PAGE_POLICY);
        res.setHeader('Cache-Control', 'no-cache');
        sendPacked(files, name, type, req, res);
      }),
    );
  // A worker serves what is below its own place, and no more.
  fileAt('/till/worker.js', 'js', () => 'till-worker.js');
  fileAt('/till/:language/app.webmanifest', 'application/manifest+json', (one) => `till-${one}.webmanifest`);
  page('/till/:language/', shellFor('till'));
  page('/mine/:language/', shellFor('mine'));
  page(
    '/verify',
    withBuilt(({ files, verify }, req, res) => {
      const hashes = `script-src '${verify.script}'; style-src '${verify.style}'`;
      res.setHeader(
        'Content-Security-Policy',
        `default-src 'none'; ${hashes}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      );
      res.setHeader('Cache-Control', 'no-cache');
      sendPacked(files, 'verify.html', 'html', req, res);
    }),
  );
}

/** As packed as the browser takes it. */
function sendPacked(
  files: Built['files'],
  name: string,
  type: string,
  req: express.Request,
  res: express.Response,
): void {
  const [encoding, ending = ''] = PACKED.find(([one]) => req.acceptsEncodings(one) === one) ?? [];
  res.vary('Accept-Encoding').type(type);
  if (encoding !== undefined) res.setHeader('Content-Encoding', encoding);
  res.send(files.get(`${name}${ending}`));
}

function notBuilt(res: express.Response): void {
  const text =
    '<p>The pages of this checkout are not built. Whoever runs it builds them with <code>npm run build</code>.</p>';
  res
    .status(503)
    .type('html')
    .send(pageAround('Kudurru', '<h1>Kudurru</h1>', text));
}
