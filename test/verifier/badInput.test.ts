/**
 * What the verifier in Python says of files and nodes that are none: a sentence and the exit code of its page, never a
 * traceback.
 */

import { existsSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect } from 'chai';
import { writeTrust } from '../../server/domain/audit/trust.ts';
import { ZERO_32 } from '../../server/domain/base/hex.ts';
import { keys, trustIn } from '../chain/forge.ts';
import { removeTemporaryFolders, temporaryFolder } from '../server/store/folder.ts';
import { vectors } from '../vectors.ts';
import { needs } from '../within.ts';
import { needsPython, verifier } from './python.ts';

const HUGE = '9'.repeat(10_000);
const DEEP = '['.repeat(100_000);
const TRUST = writeTrust(
  trustIn(
    ZERO_32,
    keys(4).map(({ address }) => address),
  ),
);

const CERTIFICATE = `${JSON.stringify(vectors.certificate.file)}\n`;

/** Texts that are no file of any kind. */
const NO_FILES: Readonly<Record<string, string>> = {
  'an empty file': '',
  'a word': 'hello',
  'half a file': TRUST.slice(0, 200),
  null: 'null',
  'a number': '7',
  'a list': '[]',
  'a huge number': `{"format":${HUGE}}`,
  'half a character': '{"format":"\\ud800"}',
  'a constant of no JSON': 'NaN',
  'a deep list': DEEP,
};

/** Trust files of which one field is something else. */
const OTHER_TRUST: Readonly<Record<string, object>> = {
  'a field that nobody knows': { another: 1 },
  'a huge chain id': { chainId: 1e300 },
  'a negative chain id': { chainId: -1 },
  'a list as its format': { format: [] },
  'no lineage': { lineage: [] },
  'no contracts': { contracts: null },
  'contracts that are none': { contracts: { charter: 7 } },
  'a number as its validators': { firstValidators: 7 },
  'a list as its checkpoint': { minimumCheckpoint: [] },
};

describe('the verifier in Python, given what is no file or node of a ledger', function () {
  this.timeout(240_000);
  let folder: string;
  const at = (name: string) => path.join(folder, name);
  const put = (name: string, text: string | Uint8Array) => {
    writeFileSync(at(name), text);
    return at(name);
  };

  before(function () {
    needsPython(this);
    folder = temporaryFolder();
    put('trust', TRUST);
    put('certificate', CERTIFICATE);
  });
  after(removeTemporaryFolders);

  async function said(args: readonly string[], input: string | Uint8Array = '') {
    const { code, stdout, stderr } = await verifier(args, input);
    expect(`${stdout}${stderr}`, args.join(' ')).not.to.include('Traceback');
    if (code === 2) expect(`${stdout}${stderr}`.trim(), args.join(' ')).not.to.equal('');
    return code;
  }

  it('judges each text that is none by name, as certificate, evidence and trust file', async () => {
    const [texts, trusts] = [Object.values(NO_FILES), Object.values(OTHER_TRUST)];
    const file = JSON.parse(TRUST) as object;
    const others = trusts.map((part) => JSON.stringify({ ...file, ...part }));
    const asked = [
      ...texts.flatMap((text) => [
        { certificate: text, trust: TRUST },
        { head: text, trust: TRUST },
      ]),
      ...[...texts, ...others].flatMap((trust) => [
        { certificate: CERTIFICATE, trust },
        { head: '{}', trust },
        { audit: 'http://127.0.0.1:9', trust },
      ]),
    ];
    const { code, stdout, stderr } = await verifier(
      ['many'],
      asked.map((one) => `${JSON.stringify(one)}\n`).join(''),
    );
    expect([code, stderr]).to.deep.equal([0, '']);
    const answers = stdout.trimEnd().split('\n');
    expect(answers).to.have.length(asked.length);
    for (const [i, answer] of answers.entries())
      expect(answer, JSON.stringify(asked[i])).to.include('"code"');
  });

  it('ends with its exit code where a file that is named is none', async () => {
    const [binary, empty] = [put('binary', Uint8Array.of(0xff, 0xfe)), put('empty', '')];
    const [certificate, trust] = [at('certificate'), at('trust')];
    expect(await said(['certificate', empty, '--trust', trust])).to.equal(1);
    expect(await said(['certificate', certificate, '--trust', binary])).to.equal(2);
    expect(await said(['certificate', at('nowhere'), '--trust', trust])).to.equal(2);
    expect(await said(['head', folder, '--trust', trust])).to.equal(2);
    expect(await said(['audit', '--journal', empty, '--trust', trust])).to.equal(2);
    expect(await said(['audit', '--journal', certificate, '--trust', empty])).to.equal(2);
    expect(await said(['audit', '--journal', put('deep', DEEP), '--trust', trust])).to.equal(2);
    expect(await said(['many'], Uint8Array.of(0xff, 0x0a))).to.equal(2);
  });

  it('answers a question that is none and goes on with the next', async () => {
    const questions = [
      ...['[1]', '{}', '{"audit": 5, "trust": "x"}', '{"audit": "nowhere", "trust": ""}'],
      JSON.stringify({ certificate: CERTIFICATE, trust: TRUST }),
    ];
    const { code, stdout, stderr } = await verifier(['many'], `${questions.join('\n')}\n`);
    const answers = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect([code, stderr]).to.deep.equal([2, '']);
    expect(answers.map((one) => Object.keys(one)[0])).to.deep.equal([
      ...['notAnswered', 'notAnswered', 'notAnswered', 'verdict', 'intact'],
    ]);
  });

  it('says of a journal that was cut, or answers otherwise than a node, that it is none', async () => {
    const line = (params: unknown, result: unknown, method: unknown = 'eth_chainId') =>
      JSON.stringify({ method, params, result });
    const journal = (...lines: readonly string[]) =>
      ['{"format": "kudurru-journal-1"}', ...lines, JSON.stringify({ answers: lines.length }), ''].join('\n');
    const whole = journal(line([], '0x1'));
    const journals = [
      ...[whole.slice(0, -9), whole.replace('"answers":1', '"answers":2'), journal(line(null, '0x1'))],
      ...[journal(line([], '0x1', [])), journal(line([1], 7, 'eth_getProof')), journal(DEEP.slice(0, 9_000))],
      ...[journal(line([], null, 'eth_blockNumber')), journal(line([], '0xzz', 'eth_blockNumber'))],
      ...[journal(line([], '0x0', 'eth_blockNumber'), line([], {}))],
    ];
    for (const [i, text] of journals.entries()) {
      const file = put('journal', text);
      expect(await said(['audit', '--journal', file, '--trust', at('trust')]), String(i)).to.equal(2);
    }
  });

  it('says of what is no node, or answers what no node does, that it does not answer', async () => {
    const bodies = ['', 'hello', '[', '7', '{}', '{"result": null}', '{"result": {}}', '{"result": "0xzz"}'];
    const servers = await Promise.all(bodies.map(answering));
    const urls = servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const addresses = ['nowhere', '', 'file:///etc/hostname', 'http://[', 'http://127.0.0.1:9', ...urls];
    const asked = addresses.map((audit) => `${JSON.stringify({ audit, trust: TRUST })}\n`);
    const { code, stdout, stderr } = await verifier(['many'], asked.join(''));
    for (const server of servers) server.close();
    expect([code, stderr]).to.deep.equal([2, '']);
    const answers = stdout.trimEnd().split('\n');
    expect(answers).to.have.length(addresses.length);
    for (const answer of answers) expect(answer).to.match(/^{"notAnswered"/);
    expect(await said(['audit', '--rpc', 'nowhere', '--trust', at('trust')])).to.equal(2);
  });

  it('says that itself failed, which is no verdict, where its answer cannot be written', async function () {
    needs(this, 'a device that is always full', existsSync('/dev/full'));
    const one = ['certificate', at('certificate'), '--trust', at('trust')];
    const question = JSON.stringify({ certificate: CERTIFICATE, trust: TRUST });
    for (const [args, input] of [[one, ''] as const, [['many'], `${question}\n`] as const]) {
      const { code, stderr } = await verifier(args, input, 'full');
      expect(code, args[0]).to.equal(3);
      expect(stderr, args[0]).to.match(
        /^The verifier itself failed \(OSError in command\.py line \d+\)\. This is no verdict: [^\n]*\n$/,
      );
    }
  });

  it('ends in silence where nobody reads its answer any more', async () => {
    const { code, stderr } = await verifier(
      ['certificate', at('certificate'), '--trust', at('trust')],
      '',
      'closed',
    );
    expect([code, stderr]).to.deep.equal([2, '']);
  });
});

async function answering(body: string): Promise<Server> {
  const server = createServer((_, response) => response.end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
