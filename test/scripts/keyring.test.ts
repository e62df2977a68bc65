import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { expect } from 'chai';
import { createKeyring, type Keyring, openKeyring } from '../../scripts/keyring.ts';
import { recoverCompact } from '../../server/domain/audit/signature.ts';
import { type Bytes32, fromHex, toHex } from '../../server/domain/base/hex.ts';
import { Refusal } from '../../server/domain/base/refusal.ts';
import type { OfficerId } from '../../server/domain/base/terms.ts';
import { keyHashOfAddress, officerIdOf } from '../../server/domain/power/possession.ts';

const PASSPHRASE = 'nine ladders and a kiln';
/** A thousand guesses a second do no harm to keys that guard nothing. */
const CHEAP = { logN: 10 };
const DIGEST = toHex(keccak_256(Uint8Array.of(1))) as Bytes32;

const folders: string[] = [];
function emptyFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kudurru-keys-'));
  folders.push(folder);
  return folder;
}

function newRing(): { readonly folder: string; readonly ring: Keyring } {
  const folder = path.join(emptyFolder(), 'ring');
  return { folder, ring: createKeyring(folder, PASSPHRASE, CHEAP) };
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return 'nothing refused';
}

const modeOf = (place: string): string => (fs.statSync(place).mode & 0o777).toString(8);

/** Rewrites a file and keeps its mode. */
function change(file: string, edit: (text: string) => string): void {
  fs.writeFileSync(file, edit(fs.readFileSync(file, 'utf8')));
}

describe('a key ring', () => {
  after(() => {
    for (const folder of folders) fs.rmSync(folder, { recursive: true });
  });

  it('keeps an officer’s key that signs under its own address, opened again too', () => {
    const { folder, ring } = newRing();
    const made = ring.create('mara', 'officer');
    const again = openKeyring(folder, PASSPHRASE);
    expect(again.get('mara')).to.deep.equal(made);
    const signature = again.signDigest('mara', DIGEST);
    expect(signature).to.have.length(2 + 128);
    if (made.kind !== 'officer') throw new Error('not an officer');
    expect(recoverCompact(fromHex(DIGEST), fromHex(signature))).to.equal(made.address);
  });

  it('gives every officer a random id, and keeps the id of one whose key is replaced', () => {
    const { ring } = newRing();
    const [one, two] = [ring.create('one', 'officer'), ring.create('two', 'officer')];
    if (one.kind !== 'officer' || two.kind !== 'officer') throw new Error('not officers');
    expect(one.officer).to.not.equal(two.officer);
    expect(one.officer).to.equal(officerIdOf(keyHashOfAddress(one.address), one.salt));
    const next = ring.create('one-2', 'officer', one.officer);
    expect(next).to.include({ officer: one.officer });
    expect(next).to.not.include({ address: one.address });
    const id = `0x${'ab'.repeat(32)}` as OfficerId;
    expect(ring.create('three', 'officer', id)).to.include({ officer: id });
  });

  it('gives out the bytes of a seed and never those of an officer’s key', () => {
    const { folder, ring } = newRing();
    ring.create('cards', 'seed');
    ring.create('mara', 'officer');
    const seed = ring.seed('cards');
    expect(seed).to.have.length(32);
    expect(openKeyring(folder, PASSPHRASE).seed('cards')).to.deep.equal(seed);
    expect(codeOf(() => ring.seed('mara'))).to.equal('key-of-another-kind');
    expect(codeOf(() => ring.signDigest('cards', DIGEST))).to.equal('key-of-another-kind');
  });

  it('lists keys by name and shows public parts only', () => {
    const { ring } = newRing();
    for (const name of ['b', 'a', 'c']) ring.create(name, 'seed');
    expect(ring.list()).to.deep.equal(['a', 'b', 'c'].map((name) => ({ name, kind: 'seed' })));
    expect(Object.keys(ring.create('mara', 'officer'))).to.have.members([
      'name',
      'kind',
      'address',
      'officer',
      'salt',
    ]);
  });

  it('never writes over a key', () => {
    const { folder, ring } = newRing();
    const made = ring.create('mara', 'officer');
    expect(codeOf(() => ring.create('mara', 'officer'))).to.equal('key-name-taken');
    expect(codeOf(() => openKeyring(folder, PASSPHRASE).create('mara', 'seed'))).to.equal('key-name-taken');
    expect(ring.get('mara')).to.deep.equal(made);
    expect(codeOf(() => createKeyring(folder, PASSPHRASE, CHEAP))).to.equal('keyring-exists');
  });

  it('is not founded anew over keys whose ring is gone', () => {
    const { folder, ring } = newRing();
    ring.create('mara', 'officer');
    fs.rmSync(path.join(folder, 'keyring.json'));
    expect(codeOf(() => createKeyring(folder, PASSPHRASE, CHEAP))).to.equal('keyring-exists');
    expect(codeOf(() => openKeyring(folder, PASSPHRASE))).to.equal('keyring-missing');
  });

  it('refuses names that could leave the folder or be one name on another disk', () => {
    const { ring } = newRing();
    for (const name of ['', '../mara', 'a/b', 'Mara', '-x', '.hidden', 'a b', 'a\n', 'x'.repeat(65)]) {
      expect(
        codeOf(() => ring.create(name, 'seed')),
        name,
      ).to.equal('key-name-malformed');
      expect(
        codeOf(() => ring.get(name)),
        name,
      ).to.equal('key-name-malformed');
    }
    expect(codeOf(() => ring.get('nobody'))).to.equal('key-missing');
  });

  it('opens with its passphrase alone, however the keyboard spells it', () => {
    const folder = path.join(emptyFolder(), 'ring');
    createKeyring(folder, 'caf\u00e9 au bord du quai', CHEAP).create('mara', 'officer');
    expect(openKeyring(folder, 'cafe\u0301 au bord du quai').list()).to.have.length(1);
    expect(codeOf(() => openKeyring(folder, 'cafe au bord du quai'))).to.equal('passphrase-wrong');
    expect(codeOf(() => openKeyring(folder, ''))).to.equal('passphrase-wrong');
    expect(codeOf(() => createKeyring(emptyFolder(), 'eleven char', CHEAP))).to.equal('passphrase-too-short');
  });

  it('changes its passphrase and keeps every key', () => {
    const { folder, ring } = newRing();
    ring.create('mara', 'officer');
    const before = ring.signDigest('mara', DIGEST);
    expect(codeOf(() => ring.changePassphrase('short', CHEAP))).to.equal('passphrase-too-short');
    ring.changePassphrase('another eleven herons', CHEAP);
    expect(codeOf(() => openKeyring(folder, PASSPHRASE))).to.equal('passphrase-wrong');
    expect(openKeyring(folder, 'another eleven herons').signDigest('mara', DIGEST)).to.equal(before);
  });

  it('costs 128 MiB and names its parameters unless it is told otherwise', () => {
    const folder = path.join(emptyFolder(), 'ring');
    createKeyring(folder, PASSPHRASE);
    const { kdf } = JSON.parse(fs.readFileSync(path.join(folder, 'keyring.json'), 'utf8'));
    expect(kdf).to.include({ name: 'scrypt', logN: 17, r: 8, p: 1 });
    expect(openKeyring(folder, PASSPHRASE).list()).to.deep.equal([]);
  });

  it('is for its owner alone: folder 0700, files 0600, and wider ones are refused', () => {
    const { folder, ring } = newRing();
    ring.create('mara', 'officer');
    expect(modeOf(folder)).to.equal('700');
    for (const file of fs.readdirSync(folder)) expect(modeOf(path.join(folder, file)), file).to.equal('600');
    for (const bit of [0o040, 0o020, 0o010, 0o004, 0o002, 0o001]) {
      fs.chmodSync(folder, 0o700 | bit);
      expect(
        codeOf(() => openKeyring(folder, PASSPHRASE)),
        `folder ${bit}`,
      ).to.equal('keyring-exposed');
      expect(
        codeOf(() => createKeyring(folder, PASSPHRASE)),
        `folder ${bit}`,
      ).to.equal('keyring-exposed');
      fs.chmodSync(folder, 0o700);
      for (const file of ['keyring.json', 'mara.key']) {
        fs.chmodSync(path.join(folder, file), 0o600 | bit);
        expect(
          codeOf(() => openKeyring(folder, PASSPHRASE).get('mara')),
          `${file} ${bit}`,
        ).to.equal('keyring-exposed');
        fs.chmodSync(path.join(folder, file), 0o600);
      }
    }
  });

  it('does not lie in the data folder of a gateway, by any way into it', () => {
    const data = emptyFolder();
    const outside = emptyFolder();
    fs.symlinkSync(data, path.join(outside, 'link'));
    const before = process.env.KUDURRU_DATA;
    process.env.KUDURRU_DATA = data;
    try {
      const inside = [
        data,
        path.join(data, 'keys'),
        path.join(data, 'a/b'),
        path.join(outside, 'link', 'keys'),
      ];
      for (const folder of [...inside, path.join(data, '..', path.basename(data), 'x')]) {
        expect(
          codeOf(() => createKeyring(folder, PASSPHRASE, CHEAP)),
          folder,
        ).to.equal('keyring-in-data-folder');
      }
      expect(fs.readdirSync(data)).to.deep.equal([]);
      expect(createKeyring(`${data}-beside`, PASSPHRASE, CHEAP).list()).to.deep.equal([]);
      folders.push(`${data}-beside`);
    } finally {
      if (before === undefined) delete process.env.KUDURRU_DATA;
      else process.env.KUDURRU_DATA = before;
    }
  });

  it('leaves nothing beside its files', () => {
    const { folder, ring } = newRing();
    ring.create('mara', 'officer');
    codeOf(() => ring.create('mara', 'officer'));
    ring.changePassphrase('another eleven herons', CHEAP);
    expect(fs.readdirSync(folder)).to.have.members(['keyring.json', 'mara.key']);
  });
});

describe('a key ring whose files were touched', () => {
  it('refuses every flipped bit and every missing byte of both files', () => {
    const { folder, ring } = newRing();
    ring.create('mara', 'officer');
    ring.create('cards', 'seed');
    let tried = 0;
    const letIn: string[] = [];
    for (const [file, use] of [
      ['keyring.json', () => openKeyring(folder, PASSPHRASE)],
      ['mara.key', () => ring.signDigest('mara', DIGEST)],
      ['cards.key', () => ring.seed('cards')],
    ] as const) {
      const place = path.join(folder, file);
      const whole = fs.readFileSync(place);
      const descriptor = fs.openSync(place, 'r+');
      const attempt = (bytes: Uint8Array, what: string) => {
        tried++;
        fs.writeSync(descriptor, bytes, 0, bytes.length, 0);
        if (bytes.length !== whole.length) fs.ftruncateSync(descriptor, bytes.length);
        const code = codeOf(use);
        if (!['keyring-damaged', 'key-damaged', 'passphrase-wrong'].includes(code))
          letIn.push(`${file} ${what}: ${code}`);
      };
      for (let bit = 0; bit < whole.length * 8; bit++) {
        const bytes = Uint8Array.from(whole);
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        attempt(bytes, `bit ${bit}`);
      }
      for (let length = whole.length - 1; length >= 0; length--)
        attempt(whole.subarray(0, length), `cut to ${length}`);
      attempt(Buffer.concat([whole, Buffer.from('\n')]), 'a byte more');
      fs.closeSync(descriptor);
      fs.writeFileSync(place, whole);
      use();
    }
    console.log(`      flipped bits and cut files of a key ring | ${tried} tried | ${letIn.length} let in`);
    expect(letIn).to.deep.equal([]);
    expect(tried).to.be.greaterThan(9_000);
  });

  it('tells damage from a mistyped passphrase', () => {
    const { folder } = newRing();
    const place = path.join(folder, 'keyring.json');
    change(place, (text) =>
      text.replace(/"salt": "0x(.)/, (_, digit) => `"salt": "0x${digit === '0' ? '1' : '0'}`),
    );
    expect(codeOf(() => openKeyring(folder, PASSPHRASE))).to.equal('keyring-damaged');
  });

  it('refuses parameters that were changed with their checksum', () => {
    const { folder } = newRing();
    const place = path.join(folder, 'keyring.json');
    const whole = fs.readFileSync(place, 'utf8');
    const { checksum: _, ...content } = JSON.parse(whole);
    const withChecksum = (changed: object) => {
      const sum = createHash('sha256').update(JSON.stringify(changed)).digest('hex');
      return `${JSON.stringify({ ...changed, checksum: `0x${sum}` }, undefined, 2)}\n`;
    };
    expect(withChecksum(content)).to.equal(whole);
    const kdfs = [
      { logN: 11 },
      { logN: 9 },
      { logN: 21 },
      { r: 1 },
      { p: 2 },
      { name: 'pbkdf2' },
      { salt: DIGEST },
    ];
    for (const kdf of kdfs) {
      fs.writeFileSync(place, withChecksum({ ...content, kdf: { ...content.kdf, ...kdf } }));
      const code = codeOf(() => openKeyring(folder, PASSPHRASE));
      expect(['keyring-damaged', 'passphrase-wrong'], JSON.stringify(kdf)).to.include(code);
    }
  });

  it('refuses a key under another name, with another officer or address, or from another ring', () => {
    const { folder, ring } = newRing();
    const other = newRing();
    ring.create('mara', 'officer');
    other.ring.create('mara', 'officer');
    const place = path.join(folder, 'mara.key');
    const whole = fs.readFileSync(place, 'utf8');
    const tries: [string, string][] = [
      ['the key of another ring', fs.readFileSync(path.join(other.folder, 'mara.key'), 'utf8')],
      ['another officer', whole.replace(/"officer": "0x[0-9a-f]+"/, `"officer": "0x${'11'.repeat(32)}"`)],
      ['another address', whole.replace(/"address": "0x[0-9a-f]+"/, `"address": "0x${'11'.repeat(20)}"`)],
      ['a field more', whole.replace('"kind"', '"note": "", "kind"')],
      ['nothing', ''],
      ['a list', '[]'],
      ['null', 'null'],
    ];
    for (const [what, text] of tries) {
      fs.writeFileSync(place, text);
      expect(
        codeOf(() => ring.get('mara')),
        what,
      ).to.equal('key-damaged');
      expect(
        codeOf(() => ring.list()),
        what,
      ).to.equal('key-damaged');
    }
    fs.rmSync(place);
    fs.writeFileSync(path.join(folder, 'noor.key'), whole, { mode: 0o600 });
    expect(codeOf(() => ring.get('noor'))).to.equal('key-damaged');
  });
});
