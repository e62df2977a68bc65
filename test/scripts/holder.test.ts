/** `kudurru holder`: a key for each holding, its public record, and a consent that is signed after it was seen. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { readSeed, writeSeed } from '../../scripts/seedText.ts';
import { commitFacts } from '../../server/domain/acts/facts.ts';
import { holdingKey, keyHashOf } from '../../server/domain/acts/signing.ts';
import { digestOf } from '../../server/domain/acts/typedData.ts';
import { isSignedByPoint } from '../../server/domain/audit/officerSignature.ts';
import { recoverCompact } from '../../server/domain/audit/signature.ts';
import { type Address, type Bytes32, fromHex, ZERO_32 } from '../../server/domain/base/hex.ts';
import type { BAUnitId } from '../../server/domain/base/terms.ts';
import { isHeldByHolder } from '../../server/domain/people/heldKeys.ts';
import { readActFile } from '../../server/domain/signer/actFile.ts';
import { codeOf } from '../chain/recorded.ts';
import { kudurru, NO_NETWORK, type Ran } from '../gateway/kudurru.ts';
import { word } from '../server/domain/acts/signedActs.ts';
import { requireDescribed } from './described.ts';
import { address, GENESIS, LEDGER, saleOf, trustOf, UNIT } from './holderFolder.ts';
import { searchForSecrets } from './secrets.ts';

const PASSPHRASE = 'nine ladders and a kiln';
let folder: string;
const printed: string[] = [];
/** Without a network: a socket that is opened ends the process. */
const holder = (...args: string[]): Ran => alone('holder', ...args);
function alone(...args: string[]): Ran {
  const env = { KUDURRU_PASSPHRASE: PASSPHRASE, NODE_OPTIONS: `--import=${NO_NETWORK}` };
  const ran = kudurru(args, env, folder);
  printed.push(ran.stdout, ran.stderr);
  return ran;
}
const inFolder = (name: string) => path.join(folder, name);
const textOf = (name: string) => fs.readFileSync(inFolder(name), 'utf8');
const MARA = ['--key', 'mara', '--keys', 'ring'];

function writeSale(name: string, keyHash: Bytes32): void {
  fs.writeFileSync(inFolder(name), saleOf(keyHash));
}

describe('kudurru holder', () => {
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kudurru-holder-'));
    fs.writeFileSync(inFolder('trust.json'), trustOf(address(0xd0)));
    fs.writeFileSync(inFolder('elsewhere.json'), trustOf(address(0xd1)));
  });
  after(() => fs.rmSync(folder, { recursive: true }));

  it('makes a seed under a passphrase, or as text that is told to have none', () => {
    expect(holder('key', 'mara', '--keys', 'ring')).to.include({ code: 0, stdout: 'Made: mara\n' });
    const made = holder('key', '--seed-file', 'paper/seed.txt');
    expect([made.code, made.stdout, /NO PASSPHRASE/.test(made.stderr)]).to.deep.equal([
      ...[0, 'Made: paper/seed.txt\n', true],
    ]);
    expect(fs.statSync(inFolder('paper/seed.txt')).mode & 0o777).to.equal(0o600);
    expect(textOf('paper/seed.txt')).to.match(/^KS1(-[0-9A-HJKMNP-TV-Z]{4}){14}\n$/);
    const before = textOf('paper/seed.txt');
    expect(holder('key', '--seed-file', 'paper/seed.txt').code).to.equal(2);
    expect(textOf('paper/seed.txt')).to.equal(before);
    expect(holder('key').code).to.equal(2);
  });

  it('reads a printed seed as a person types it, and notices what was misread', () => {
    const seed = Uint8Array.from({ length: 32 }, (_, i) => 7 * i + 3);
    const text = writeSeed(seed);
    expect(readSeed(text)).to.deep.equal(seed);
    expect(
      readSeed(` ${text.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')}`),
    ).to.deep.equal(seed);
    const swapped = [...text];
    for (let i = 4; i < text.length; i++) {
      if (text[i] === '-') continue;
      const other = text[i] === 'Z' ? 'Y' : 'Z';
      const wrong = `${text.slice(0, i)}${other}${text.slice(i + 1)}`;
      expect(
        codeOf(() => readSeed(wrong)),
        `sign ${i}`,
      ).to.equal('seed-text-malformed');
      const [one, two] = [swapped[i], swapped[i + 1]];
      if (two === undefined || two === '-' || one === two) continue;
      const turned = `${text.slice(0, i)}${two}${one}${text.slice(i + 2)}`;
      expect(
        codeOf(() => readSeed(turned)),
        `signs ${i} and ${i + 1}`,
      ).to.equal('seed-text-malformed');
    }
    expect(codeOf(() => readSeed(text.slice(0, -5)))).to.equal('seed-text-malformed');
  });

  it('prints records that prove their key, and of which no two can be joined', () => {
    const about = (unit: string, number: string) => [
      ...MARA,
      '--trust',
      'trust.json',
      '--unit',
      unit,
      '--holding',
      number,
    ];
    const records = [
      ...[about(UNIT, '2'), about(UNIT, '3'), about(word(0x42), '2')].map((of) => holder('record', ...of)),
    ].map(({ stdout }) => JSON.parse(stdout));
    const values = records.flatMap(({ keyHash, possession: { salt, signature } }) => [
      keyHash,
      salt,
      signature,
    ]);
    expect(new Set(values).size).to.equal(9);
    const [first, second, third] = records;
    requireDescribed(first);
    const isHeld = (of: { baUnit: BAUnitId; keyHash: Bytes32 }, shown: typeof first, ledger = LEDGER) =>
      isHeldByHolder(ledger, of, shown.possession, ZERO_32);
    expect(records.map((one) => isHeld(one, one))).to.deep.equal([true, true, true]);
    expect(isHeld(first, second)).to.equal(false);
    expect(isHeld({ baUnit: third.baUnit, keyHash: first.keyHash }, first)).to.equal(false);
    expect(isHeld(first, first, { ...LEDGER, ledgerNonce: word(0x4f) })).to.equal(false);
  });

  it('prints for who lends the record of an instrument, as the page describes it', () => {
    const of = ['--trust', 'trust.json', '--instrument', word(0x61), '--json'];
    const { stdout } = alone('lender', 'record', ...MARA, ...of);
    requireDescribed(JSON.parse(stdout));
  });

  it('shows what is asked, and signs exactly that', () => {
    const { keyHash } = JSON.parse(
      holder('record', ...MARA, '--trust', 'trust.json', '--unit', UNIT, '--holding', '2').stdout,
    );
    writeSale('sale.json', keyHash);
    const shown = holder('show', 'sale.json', '--trust', 'trust.json');
    expect(shown.stdout).to.match(
      /^You, who have holding 2 \(the whole of right 1\), agree as its holder that .* had the whole and has nothing then, "Synthetic/,
    );
    const out = ['--trust', 'trust.json', '--out', 'consent.json'];
    expect(holder('consent', 'sale.json', ...MARA, ...out).code, 'without a terminal').to.equal(2);
    expect(fs.existsSync(inFolder('consent.json'))).to.equal(false);
    const given = holder('consent', 'sale.json', ...MARA, ...out, '--yes', '--days', '3');
    expect([given.code, given.stderr.includes('had the whole and has nothing then')]).to.deep.equal([
      0,
      true,
    ]);
    const body = JSON.parse(textOf('consent.json'));
    expect(body).to.deep.include({ part: 'consent', place: 0 });
    requireDescribed(body);
    const inThreeDays = Math.floor(Date.now() / 1000) + 3 * 86_400;
    expect(body.consent.deadline).to.be.within(inThreeDays - 240, inThreeDays);
    const [asked] = readActFile(textOf('sale.json')).consents;
    if (asked === undefined) throw new Error('nobody is asked');
    const deadline = BigInt(body.consent.deadline);
    const digest = digestOf({ ...asked, message: { ...asked.message, deadline } });
    const signer = recoverCompact(fromHex(digest), fromHex(body.signature)) as Address;
    const { possession } = JSON.parse(
      holder('record', ...MARA, '--trust', 'trust.json', '--unit', UNIT, '--holding', '2').stdout,
    );
    expect(body.consent.salt).to.equal(possession.salt);
    expect(isHeldByHolder(LEDGER, { baUnit: UNIT, keyHash }, possession, ZERO_32)).to.equal(true);
    expect(keyHashOf(body.consent.salt, 'secp256k1', signer)).to.equal(keyHash);
    expect(holder('consent', 'sale.json', ...MARA, ...out, '--yes').code, 'never written over').to.equal(2);
  });

  it('signs with a P-256 key where the holding has one, and under a mandate that the consent commits to', () => {
    const about = ['--trust', 'trust.json', '--unit', UNIT, '--holding', '2', '--kind', 'p256'];
    const { keyHash, possession } = JSON.parse(holder('record', ...MARA, ...about).stdout);
    expect(isHeldByHolder(LEDGER, { baUnit: UNIT, keyHash }, possession, ZERO_32)).to.equal(true);
    const other = `${possession.signature.slice(0, -1)}${possession.signature.endsWith('0') ? '1' : '0'}`;
    const bent = Object.assign({}, possession, { signature: other });
    expect(isHeldByHolder(LEDGER, { baUnit: UNIT, keyHash }, bent, ZERO_32)).to.equal(false);
    writeSale('for-her.json', keyHash);
    const consenting = [
      'consent',
      'for-her.json',
      ...MARA,
      '--trust',
      'trust.json',
      '--yes',
      '--out',
      'her.json',
    ];
    fs.writeFileSync(inFolder('mandate.json'), '{"signs-for": 7}');
    expect(holder(...consenting, '--mandate', 'mandate.json').code).to.equal(2);
    expect(fs.existsSync(inFolder('her.json'))).to.equal(false);
    fs.writeFileSync(inFolder('mandate.json'), '{"signs-for": "Synthetic Ward", "by": "a court order"}');
    const given = holder(...consenting, '--mandate', 'mandate.json');
    expect([
      given.code,
      given.stderr.includes('Under the mandate: signs-for "Synthetic Ward"'),
    ]).to.deep.equal([0, true]);
    const { consent, signature } = JSON.parse(textOf('her.json'));
    const mandate = JSON.parse(textOf('her.json.mandate'));
    expect(commitFacts(mandate.facts).root).to.equal(consent.mandateCommitment);
    expect([consent.kind, keyHashOf(consent.salt, 'p256', consent.key)]).to.deep.equal(['p256', keyHash]);
    const [asked] = readActFile(textOf('for-her.json')).consents;
    if (asked === undefined) throw new Error('nobody is asked');
    const chosen = { deadline: BigInt(consent.deadline), mandateCommitment: consent.mandateCommitment };
    const digest = digestOf({ ...asked, message: { ...asked.message, ...chosen } });
    expect(isSignedByPoint('p256', fromHex(consent.key), digest, fromHex(signature), ZERO_32)).to.equal(true);
  });

  it('signs nothing that says something else than its hashes, is of another ledger, or asks another key', () => {
    const refused = (file: string, trust: string, ...key: string[]) => {
      const said = ['--trust', trust, '--out', 'no.json', '--yes', '--json'];
      const ran = holder('consent', file, ...key, ...said);
      expect([ran.code, fs.existsSync(inFolder('no.json'))]).to.deep.equal([1, false]);
      return JSON.parse(ran.stdout).code;
    };
    const sale = textOf('sale.json');
    fs.writeFileSync(inFolder('bent.json'), sale.replace(/"numerator":"1"/g, '"numerator":"2"'));
    expect(refused('bent.json', 'trust.json', ...MARA)).to.be.oneOf(['act-id-differs', 'opening-differs']);
    const consents = JSON.parse(sale);
    consents.consents[0].typedData.message.unitsHash = word(0x51);
    fs.writeFileSync(inFolder('blind.json'), JSON.stringify(consents));
    expect(refused('blind.json', 'trust.json', ...MARA)).to.equal('consent-differs');
    expect(refused('sale.json', 'elsewhere.json', ...MARA)).to.equal('act-of-another-ledger');
    expect(refused('sale.json', 'trust.json', '--seed-file', 'paper/seed.txt')).to.equal(
      'consent-of-another-key',
    );
    // Whoever took her consent out of the file is told of, and not her key.
    const without = Object.assign(JSON.parse(sale), { consents: [] });
    fs.writeFileSync(inFolder('without.json'), JSON.stringify(without));
    expect(refused('without.json', 'trust.json', ...MARA)).to.equal('consents-amiss');
    const shown = holder('show', 'without.json', '--trust', 'trust.json');
    expect(shown.stderr).to.match(
      /^CONSENT: The consent of holding 2 .* is missing; it is given as its holder\.$/m,
    );
    // The right would end by itself, which no sale may do, and no consent is for.
    fs.writeFileSync(inFolder('ending.json'), saleOf(word(0x21), { expiresOn: 2n ** 40n }));
    expect(refused('ending.json', 'trust.json', ...MARA)).to.equal('rules-broken');
    fs.chmodSync(inFolder('paper/seed.txt'), 0o644);
    expect(refused('sale.json', 'trust.json', '--seed-file', 'paper/seed.txt')).to.equal('keyring-exposed');
  });

  it('finds the key of a holding that was first given in another unit', () => {
    fs.chmodSync(inFolder('paper/seed.txt'), 0o600);
    const seed = readSeed(textOf('paper/seed.txt'));
    const { keyHash } = holdingKey(seed, {
      genesisHash: GENESIS,
      baUnit: word(0x43) as BAUnitId,
      holdingId: 7,
    });
    writeSale('carried.json', keyHash);
    const by = ['--seed-file', 'paper/seed.txt', '--trust', 'trust.json', '--yes'];
    expect(holder('consent', 'carried.json', ...by, '--out', 'carried.1').code).to.equal(1);
    const first = ['--first-unit', word(0x43), '--first-holding', '7'];
    expect(holder('consent', 'carried.json', ...by, ...first, '--out', 'carried.2').code).to.equal(0);
  });

  it('printed no byte of a secret in all of this', () => {
    const text = printed.join('\n');
    expect(searchForSecrets(inFolder('ring'), PASSPHRASE, text).leaked).to.equal(0);
    expect(text).not.to.include(textOf('paper/seed.txt').trim().slice(4));
  });
});
