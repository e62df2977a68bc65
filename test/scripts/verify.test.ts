/** `kudurru verify` as a citizen runs it: two files, and a node only when one is named. */
import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { authorizationsFor } from '../../scripts/nodeCredentials.ts';
import { askNode } from '../../scripts/verify/askNode.ts';
import { titleInWords } from '../../scripts/verify/titleWords.ts';
import { commitFacts } from '../../server/domain/acts/facts.ts';
import { readCertificate, writeCertificate } from '../../server/domain/audit/certificate.ts';
import { fingerprint, readTrust, writeTrust } from '../../server/domain/audit/trust.ts';
import { type Bytes32, ZERO_32 } from '../../server/domain/base/hex.ts';
import { momentInWords } from '../../server/domain/base/inWords.ts';
import { Refusal } from '../../server/domain/base/refusal.ts';
import type { Title } from '../../server/domain/land/acts.ts';
import { listenRpc, type RpcListener } from '../../server/ledger/rpc.ts';
import { doorBefore } from '../gateway/door.ts';
import { NO_NETWORK } from '../gateway/kudurru.ts';
import { changeOf, perform, register } from '../land/landActs.ts';
import { certify, trustOf } from '../land/landCertificate.ts';
import { Drafts } from '../land/landDrafts.ts';
import { type LandLedger, openLandLedger } from '../land/landLedger.ts';
import { LATER } from '../land/landScene.ts';
import { seeded } from '../seeded.ts';
import { removeTemporaryFolders, temporaryFolder } from '../server/store/folder.ts';

const SCRIPT = path.resolve(import.meta.dirname, '../../scripts/kudurru.ts');
const drafts = new Drafts(seeded(20_261_127));

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return kudurru([], args);
}

async function kudurru(flags: string[], args: string[]) {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...flags, SCRIPT, ...args]);
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

describe('kudurru verify', function () {
  this.timeout(300_000);
  let folder: string;
  let certificateFile: string;
  let trustFile: string;
  let ledger: LandLedger;
  let listener: RpcListener;
  let url: string;
  let title: Title;
  let text: string;
  let print: string;

  before(async () => {
    folder = temporaryFolder();
    certificateFile = path.join(folder, 'certificate.json');
    trustFile = path.join(folder, 'trust.json');
    ledger = await openLandLedger(temporaryFolder());
    listener = await listenRpc(ledger.chain, 0);
    url = `http://127.0.0.1:${listener.port}`;
    const set = commitFacts([{ path: 'parcel/number', value: 'A\u0007 12', salt: drafts.id<Bytes32>() }]);
    title = await register(ledger, drafts, drafts.title({ factsRoot: set.root }));
    const certificate = await certify(ledger, {
      ...title,
      show: ['charges'],
      facts: [{ of: 'unit', set, paths: ['parcel/number'] }],
    });
    text = writeCertificate(certificate);
    const trust = await trustOf(ledger);
    print = fingerprint(trust);
    writeFileSync(certificateFile, text);
    writeFileSync(trustFile, writeTrust(trust));
  });
  after(async () => {
    await listener.close();
    await ledger.ledger.close();
    removeTemporaryFolders();
  });

  it('reads nothing that is not text in UTF-8, repaired or with a mark before it', async () => {
    const bent = path.join(folder, 'bent.json');
    const bytes = Buffer.from(text);
    const at = bytes.indexOf('parcel/number":'.slice(0, 6));
    bytes[at] = 0xff;
    writeFileSync(bent, bytes);
    const broken = await run('verify', bent, '--trust', trustFile);
    expect([broken.code, broken.out]).to.deep.equal([2, '']);
    expect(broken.err).to.include('UTF-8');
    writeFileSync(bent, `\ufeff${text}`);
    expect((await run('verify', bent, '--trust', trustFile)).out).to.include('evidence-malformed');
    writeFileSync(
      bent,
      Buffer.concat([Buffer.from(writeTrust(await trustOf(ledger))), Buffer.of(0xc3, 0x28)]),
    );
    expect((await run('verify', certificateFile, '--trust', bent)).code).to.equal(2);
  });

  it('says intact, anchored and what it rests on, and opens no network', async () => {
    const { code, out } = await kudurru(
      ['--import', NO_NETWORK],
      ['verify', certificateFile, '--trust', trustFile],
    );
    expect(code, out).to.equal(0);
    expect(out).to.match(/^INTACT/m);
    expect(out).to.match(/^ANCHORED: block \d+, local, from genesis, power seated/m);
    expect(out).to.match(/^not asked/m);
    expect(out).to.include('charges: none').and.to.include('responsibilities: not shown');
    expect(out).to.include('parcel/number: A  12').and.to.include('rights: not shown');
    expect(out).to.include(print);
    const asked = await kudurru(
      ['--import', NO_NETWORK],
      ['verify', certificateFile, '--trust', trustFile, '--rpc', url],
    );
    expect(asked.code).to.equal(99);
  });

  it('says from when the title counts, and that one recorded ahead of its day does not yet', () => {
    const certificate = readCertificate(text);
    const { issuedAt, state } = certificate;
    const linesFor = (effectiveOn: number) => {
      const header = Object.assign({}, state.header, { effectiveOn: BigInt(effectiveOn) });
      return titleInWords(Object.assign({}, certificate, { state: Object.assign({}, state, { header }) }));
    };
    expect(linesFor(issuedAt)[1]).to.equal(`in effect from ${momentInWords(issuedAt)}`);
    expect(linesFor(issuedAt + 1)[1]).to.match(
      /^NOT YET in effect from .*; until then the state before it counts$/,
    );
    expect(titleInWords(certificate)[1]).to.match(/^in effect from \d+ [A-Z]\w+ 20\d\d, \d\d:\d\d UTC$/);
  });

  it('says of a holding without a key that its holder is not asked for a signature', () => {
    const certificate = readCertificate(text);
    const said = (change: object) => {
      const rights = title.state.rights.map((right) =>
        Object.assign({}, right, { holdings: right.holdings.map((one) => Object.assign({}, one, change)) }),
      );
      const state = Object.assign({}, certificate.state, { rights });
      const lines = titleInWords(Object.assign({}, certificate, { state }));
      return lines.filter((line) => /no key is known/.test(line)).length;
    };
    expect(said({})).to.equal(0);
    expect(said({ keyHash: ZERO_32 })).to.be.greaterThan(0);
  });

  it('says an area in square metres, to whoever measured the plot', () => {
    const certificate = readCertificate(text);
    const area = { of: 'unit', path: 'parcel/area-mm2', value: '1109514173' };
    const facts = [...certificate.facts, area] as unknown as typeof certificate.facts;
    expect(titleInWords(Object.assign({}, certificate, { facts }))).to.include('  parcel/area: 1,109.51 m2');
  });

  it('answers JSON', async () => {
    const { code, out } = await run('verify', certificateFile, '--trust', trustFile, '--json');
    expect(code).to.equal(0);
    const { intact, anchored, current, trust } = JSON.parse(out);
    expect([intact.verdict, anchored.verdict, current.verdict, trust]).to.deep.equal([
      'yes',
      'yes',
      'not-asked',
      print,
    ]);
  });

  it('says no by name to a changed fact, a changed proof, a broken file and a broken trust file', async () => {
    const bent = path.join(folder, 'bent.json');
    const verdicts = async (certificate: string, trust = trustFile) => {
      writeFileSync(bent, certificate);
      const { code, out } = await run('verify', bent, '--trust', trust, '--json');
      const { intact, anchored } = JSON.parse(out);
      return [code, intact.code ?? 'yes', anchored.code ?? 'yes'];
    };
    expect(await verdicts(text.replace('A\\u0007 12', 'A\\u0007 13'))).to.deep.equal([
      1,
      'fact-not-committed',
      'yes',
    ]);
    expect(await verdicts(text.replace('"status":"active"', '"status":"retired"'))).to.deep.equal([
      1,
      'yes',
      'certificate-state-differs',
    ]);
    expect(await verdicts(text.slice(0, -2))).to.deep.equal([1, 'evidence-malformed', 'evidence-malformed']);
    const other = path.join(folder, 'other.json');
    writeFileSync(other, '{}');
    expect(await verdicts(text, other)).to.deep.equal([1, 'yes', 'trust-file-malformed']);
  });

  it('asks a node only when one is named, and tells its silence from its no', async () => {
    const ask = async (rpc: string) => {
      const { code, out, err } = await run(
        'verify',
        certificateFile,
        '--trust',
        trustFile,
        '--json',
        '--rpc',
        rpc,
      );
      return { code, err, current: out === '' ? undefined : JSON.parse(out).current };
    };
    const now = await ask(url);
    expect(now.code).to.equal(0);
    expect(now.current).to.include({ verdict: 'yes', isFinal: true });
    const silent = await ask('http://127.0.0.1:1');
    expect([silent.code, silent.current.verdict]).to.deep.equal([2, 'not-answered']);
    expect((await ask('file:///etc/hosts')).code).to.equal(2);
    const restriction = drafts.restriction('caution', { expiresOn: LATER });
    const head = await ledger.head(drafts.random, { effectiveOn: 0n }); // nobody agrees to its date
    const act = { head, units: [changeOf(title)], restriction };
    await perform(ledger, drafts, { method: 'createRestriction', act, priors: [title.state] });
    const later = await ask(url);
    expect([later.code, later.current.code]).to.deep.equal([1, 'state-superseded']);
  });

  it('shows a node what it wants to be let in, from a file, and says why it cannot', async () => {
    const door = await doorBefore(url, 'Bearer abc');
    const credentials = path.join(folder, 'credentials');
    writeFileSync(credentials, 'Bearer abc\n');
    const ask = (...more: string[]) =>
      run('verify', certificateFile, '--trust', trustFile, '--json', ...more);
    try {
      const locked = await ask('--rpc', door.url);
      expect([locked.code, JSON.parse(locked.out).current.verdict]).to.deep.equal([2, 'not-answered']);
      expect(JSON.parse(locked.out).current.reason).to.include('(status 401): give --credentials');
      const opened = await ask('--rpc', door.url, '--credentials', credentials);
      expect(JSON.parse(opened.out).current.verdict, opened.err).to.equal('no'); // superseded by the test before
      for (const nowhere of [[], ['--rpc', 'http://node.example:8545']]) {
        const refused = await ask(...nowhere, '--credentials', credentials);
        expect([refused.code, refused.out], nowhere.join(' ')).to.deep.equal([2, '']);
      }
      writeFileSync(credentials, 'abc\n');
      const malformed = await ask('--rpc', door.url, '--credentials', credentials);
      expect(malformed.err).to.include('network-credentials-malformed').and.not.include('abc');
    } finally {
      door.close();
    }
  });

  it('tells credentials that are gone from a silent node, and follows it elsewhere only without any', async () => {
    const moved = createServer((_, response) => response.writeHead(307, { Location: url }).end());
    await new Promise<void>((resolve) => moved.listen(0, '127.0.0.1', resolve));
    const { port } = moved.address() as AddressInfo;
    const trust = readTrust(readFileSync(trustFile, 'utf8'));
    const asked = (authorization?: () => string) =>
      askNode(
        { url: new URL(`http://127.0.0.1:${port}`), ...(authorization && { authorization }) },
        trust,
        readCertificate(text).baUnit,
      ).then(
        () => 'answered',
        (error: unknown) => (error instanceof Refusal ? error.code : (error as Error).name),
      );
    try {
      expect(await asked()).to.equal('answered');
      expect(await asked(() => 'Bearer abc')).to.equal('NodeSilent');
      const file = path.join(folder, 'gone');
      writeFileSync(file, 'Bearer abc\n');
      const shown = authorizationsFor([url], file)(0);
      rmSync(file);
      expect(await asked(shown)).to.equal('network-file-unreadable');
    } finally {
      moved.close();
    }
  });

  it('checks a head by its evidence alone', async () => {
    const evidence = path.join(folder, 'evidence.json');
    const { finality } = JSON.parse(text);
    writeFileSync(evidence, JSON.stringify(finality));
    const { code, out } = await run('verify-head', evidence, '--trust', trustFile);
    expect([code, out.split(':')[0]]).to.deep.equal([0, 'FINAL']);
    const signature = finality.nodeSignature.replace(/..$/, '00');
    writeFileSync(evidence, JSON.stringify({ ...finality, nodeSignature: signature }));
    const bent = await run('verify-head', evidence, '--trust', trustFile, '--json');
    expect([bent.code, JSON.parse(bent.out).code]).to.deep.equal([1, 'head-not-signed-by-node']);
  });

  it('exits with 2 when a file is not there', async () => {
    expect((await run('verify', path.join(folder, 'none'), '--trust', trustFile)).code).to.equal(2);
    expect((await run('verify', certificateFile)).code).to.equal(2);
  });
});
