import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { Founding as FoundedWith } from '../../../../server/domain/acts/events.ts';
import { type Address, type Bytes32, ZERO_32 } from '../../../../server/domain/base/hex.ts';
import { Refusal } from '../../../../server/domain/base/refusal.ts';
import { KEY_KINDS, ROLES, type Role, roleBits } from '../../../../server/domain/base/terms.ts';
import {
  foundingMissing,
  foundingPossessions,
  foundingStruct,
  ledgerMissing,
} from '../../../../server/domain/power/founding.ts';
import { foundingDifference } from '../../../../server/domain/power/foundingDifference.ts';
import {
  foundingFingerprint,
  officerRecordJson,
  parseFounding,
  parseOfficerRecord,
  writeFounding,
} from '../../../../server/domain/power/foundingFile.ts';
import { foundingOfficerOf, officerOf as signingOfficer } from '../../../chain/signing.ts';

const ADMINS = ['admin-preparer', 'admin-approver', 'vote'];
const hex = (byte: number) => `0x${byte.toString(16).padStart(2, '0').repeat(32)}`;

interface FileOfficer {
  officer: string;
  salt: string;
  institution: number;
  office: number;
  roles: string[];
  key: Record<string, unknown>;
  spare: Record<string, unknown>;
}

const NONCE = hex(0x4e) as Bytes32;

function officerOf(number: number, institution: number): FileOfficer {
  const record = foundingOfficerOf(signingOfficer(institution, `officer ${number}`), NONCE, {
    roles: ADMINS as Role[],
  });
  const { format: _, ...fields } = officerRecordJson(record) as FileOfficer & { format: string };
  return structuredClone(fields);
}

function fileOf() {
  return {
    format: 'kudurru-founding-1',
    ledgerNonce: NONCE as string,
    quorum: 2,
    wideningWaitSeconds: 604_800,
    appointmentWaitSeconds: 86_400,
    institutions: [
      { institution: 1, roles: ADMINS },
      { institution: 7, roles: [...ADMINS] },
    ],
    offices: [{ office: 4, keeper: 7 }],
    officers: [1, 2, 3, 4, 5, 6].map((number) => officerOf(number, number > 3 ? 7 : 1)),
    verifiers: [] as string[],
    policies: [
      {
        name: hex(9),
        value: '115792089237316195423570985008687907853269984665640564039457584007913129639935',
      },
    ],
    validators: [{ validator: 'node', institution: 1 }] as { validator: string; institution: number }[],
  };
}
/** A validator of a network. */
const sealer = (number: number, institution: number) => ({
  validator: `0x${number.toString(16).padStart(40, '0')}`,
  institution,
});

type File = ReturnType<typeof fileOf>;

/** The file after one change, as text. */
function changed(change: (file: File) => unknown): string {
  const file = fileOf();
  change(file);
  return JSON.stringify(file);
}

function refusalOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return `${error.code} ${error.place.field ?? ''}`;
    throw error;
  }
  return 'nothing refused';
}

const officer = (file: File, i: number): FileOfficer => file.officers[i] ?? officerOf(0, 0);

describe('a founding file', () => {
  it('reads as what it says and writes as it was read', () => {
    const founding = parseFounding(JSON.stringify(fileOf(), undefined, 2));
    expect(founding.institutions.map(({ institution }) => institution)).to.deep.equal([1, 7]);
    expect(founding.officers).to.have.length(6);
    expect(founding.policies[0]?.value).to.equal(2n ** 256n - 1n);
    expect(JSON.parse(writeFounding(founding))).to.deep.equal(fileOf());
    expect(parseFounding(writeFounding(founding))).to.deep.equal(founding);
  });

  it('has one fingerprint whatever the spacing, and another for every change', () => {
    const prints = [
      JSON.stringify(fileOf()),
      JSON.stringify(fileOf(), undefined, 4),
      changed((file) => file.officers.reverse()),
      changed((file) => Object.assign(file, { quorum: 1 })),
    ].map((text) => foundingFingerprint(parseFounding(text)));
    expect(prints[0]).to.equal(prints[1]);
    expect(new Set(prints)).to.have.length(3);
  });

  it('refuses a file out of form, at the place', () => {
    const tries: [string, string][] = [
      ['', ''],
      ['{', ''],
      ['[]', '/format'],
      [JSON.stringify(fileOf()).replace('"quorum":2', '"quorum":3,"quorum":2'), ''],
      [JSON.stringify(Object.fromEntries(Object.entries(fileOf()).reverse())), ''],
      ['x'.repeat(300_000), ''],
      [changed((file) => Object.assign(file, { format: 'founding' })), '/format'],
      [changed((file) => Object.assign(file, { note: '' })), ''],
      [changed((file) => Object.assign(file, { quorum: '2' })), '/quorum'],
      [changed((file) => Object.assign(file, { quorum: 0 })), '/quorum'],
      [changed((file) => Object.assign(file, { ledgerNonce: ZERO_32 })), '/ledgerNonce'],
      [changed((file) => Object.assign(file, { ledgerNonce: '0x4e' })), '/ledgerNonce'],
      [changed((file) => Object.assign(file, { ledgerNonce: undefined })), '/ledgerNonce'],
      [changed((file) => Object.assign(file, { wideningWaitSeconds: 86_399 })), '/wideningWaitSeconds'],
      [changed((file) => Object.assign(file, { wideningWaitSeconds: 7_776_001 })), '/wideningWaitSeconds'],
      [changed((file) => Object.assign(file, { appointmentWaitSeconds: 1.5 })), '/appointmentWaitSeconds'],
      [changed((file) => Object.assign(file, { institutions: {} })), '/institutions'],
      [
        changed((file) => Object.assign(file.institutions[0] ?? {}, { institution: 128 })),
        '/institutions/0/institution',
      ],
      [
        changed((file) => Object.assign(file.institutions[0] ?? {}, { institution: 0 })),
        '/institutions/0/institution',
      ],
      [changed((file) => Object.assign(file.institutions[0] ?? {}, { roles: [] })), '/institutions/0/roles'],
      [
        changed((file) => Object.assign(file.institutions[0] ?? {}, { roles: ['king'] })),
        '/institutions/0/roles/0',
      ],
      [changed((file) => officer(file, 1).roles.reverse()), '/officers/1/roles'],
      [changed((file) => officer(file, 1).roles.push('vote')), '/officers/1/roles'],
      [changed((file) => Object.assign(officer(file, 1), { officer: hex(0) })), '/officers/1/officer'],
      [changed((file) => Object.assign(officer(file, 1), { officer: '0x12' })), '/officers/1/officer'],
      [
        changed((file) => Object.assign(officer(file, 1), { officer: hex(0xab).toUpperCase() })),
        '/officers/1/officer',
      ],
      [changed((file) => Object.assign(officer(file, 1), { salt: hex(7) })), '/officers/1/officer'],
      [changed((file) => Object.assign(officer(file, 1), { officer: hex(7) })), '/officers/1/officer'],
      [changed((file) => Object.assign(officer(file, 1), { office: 2 ** 32 })), '/officers/1/office'],
      [
        changed((file) => Object.assign(officer(file, 1).key, { possession: '0x' })),
        '/officers/1/key/possession',
      ],
      [changed((file) => Object.assign(officer(file, 1), { spare: undefined })), '/officers/1/spare'],
      [
        changed((file) => Object.assign(officer(file, 1).key, { keyHash: hex(0) })),
        '/officers/1/key/keyHash',
      ],
      [changed((file) => Object.assign(officer(file, 1).key, { kind: 'rsa' })), '/officers/1/key/kind'],
      [changed((file) => Object.assign(officer(file, 1).key, { rpIdHash: hex(1) })), '/officers/1/key'],
      [
        changed((file) => Object.assign(officer(file, 1).key, { kind: 'webauthn' })),
        '/officers/1/key/rpIdHash',
      ],
      [changed((file) => file.verifiers.push('secp256k1')), '/verifiers/0'],
      [changed((file) => Object.assign(file.policies[0] ?? {}, { value: 1 })), '/policies/0/value'],
      [changed((file) => file.validators.push(sealer(0, 1))), '/validators/1/validator'],
      [
        changed((file) => file.validators.push({ validator: 'nodes', institution: 1 })),
        '/validators/1/validator',
      ],
      [changed((file) => file.validators.push(sealer(1, 128))), '/validators/1/institution'],
      [changed((file) => Object.assign(file.policies[0] ?? {}, { value: '01' })), '/policies/0/value'],
      [
        changed((file) => Object.assign(file.policies[0] ?? {}, { value: String(2n ** 256n) })),
        '/policies/0/value',
      ],
    ];
    for (const [text, place] of tries) {
      expect(
        refusalOf(() => parseFounding(text)),
        place,
      ).to.equal(`founding-file-malformed ${place}`);
    }
  });

  it('names another version of its format as that', () => {
    const newer = changed((file) => Object.assign(file, { format: 'kudurru-founding-2' }));
    expect(refusalOf(() => parseFounding(newer))).to.equal('format-unknown /format');
  });

  it('refuses what the Consortium would refuse to be founded with, at the place', () => {
    const tries: [(file: File) => unknown, string][] = [
      [(file) => file.institutions.push({ institution: 1, roles: ADMINS }), '/institutions/2'],
      [(file) => file.officers.splice(5, 1, officerOf(1, 7)), '/officers/5'],
      [(file) => Object.assign(officer(file, 5), { spare: officer(file, 4).key }), '/officers/5'],
      [(file) => Object.assign(officer(file, 5), { institution: 8 }), '/officers/5/institution'],
      [(file) => officer(file, 5).roles.push('revoke'), '/officers/5/roles'],
      [(file) => Object.assign(officer(file, 5).spare, { kind: 'p256' }), '/officers/5/spare/kind'],
      // Proved for another officer, institution, epoch or ledger.
      [
        (file) => Object.assign(officer(file, 5).key, { possession: officer(file, 4).key.possession }),
        '/officers/5/key',
      ],
      [
        (file) => Object.assign(officer(file, 5).spare, { possession: officer(file, 5).key.possession }),
        '/officers/5/spare',
      ],
      [(file) => Object.assign(officer(file, 5), { institution: 1 }), '/officers/5/key'],
      [(file) => Object.assign(file, { ledgerNonce: hex(0x4f) }), '/officers/0/key'],
      [(file) => file.verifiers.push('p256', 'p256'), '/verifiers/1'],
      [(file) => file.policies.push(...file.policies), '/policies/1'],
      [(file) => file.officers.pop(), '/institutions/1'],
      [
        (file) => officer(file, 0).roles.splice(0, 2) && officer(file, 1).roles.splice(0, 1),
        '/institutions/0',
      ],
      [(file) => officer(file, 0).roles.splice(0, 2), '/institutions/0'],
      [(file) => Object.assign(officer(file, 0), { office: 4 }), '/institutions/0'],
      [
        (file) => {
          for (const number of [11, 12, 13, 14, 15]) file.officers.push(officerOf(number, 7));
        },
        '/officers/10/roles',
      ],
      [(file) => Object.assign(file, { quorum: 3 }), '/quorum'],
      [(file) => Object.assign(file, { validators: [] }), '/validators'],
      [(file) => file.validators.push(sealer(1, 1)), '/validators/0/validator'],
      [(file) => Object.assign(file, { validators: [sealer(1, 1), sealer(1, 7)] }), '/validators/1'],
      [(file) => Object.assign(file, { validators: [sealer(1, 2)] }), '/validators/0/institution'],
      [
        (file) => {
          for (const institution of [20, 21]) {
            file.institutions.push({ institution, roles: ADMINS });
            for (const number of [0, 9, 18]) file.officers.push(officerOf(institution + number, institution));
          }
          Object.assign(file, { validators: [sealer(1, 1), sealer(2, 7), sealer(3, 20), sealer(4, 7)] });
        },
        '/validators/1/institution',
      ],
    ];
    for (const [change, place] of tries) {
      expect(
        refusalOf(() => parseFounding(changed(change))),
        place,
      ).to.equal(`founding-inconsistent ${place}`);
    }
    const shared = changed(
      (file) => officer(file, 0).roles.splice(0, 1) && officer(file, 1).roles.splice(1, 1),
    );
    expect(parseFounding(shared).officers).to.have.length(6); // one prepares, another approves, the third does both
  });

  it('gives the constructor its argument: roles as bits, keys by kind, verifiers where they stand', () => {
    const at = `0x${'5a'.repeat(20)}` as Address;
    const founding = parseFounding(changed((file) => file.verifiers.push('webauthn')));
    const struct = foundingStruct(founding, { webauthn: at }, at);
    expect(struct.validators).to.deep.equal([{ validator: at, institution: 1 }]);
    expect(struct.verifiers).to.deep.equal([{ kind: 3, verifier: at }]);
    expect(struct.institutions[1]).to.deep.equal({ institution: 7, roles: 0b111_0000 });
    const [first] = founding.officers;
    expect(struct.officers[0]?.spare).to.deep.equal({
      ...{ kind: 1, verifier: `0x${'00'.repeat(20)}` },
      ...{ keyHash: first?.spare.keyHash, rpIdHash: hex(0) },
    });
    expect(foundingPossessions(founding)[0]).to.deep.equal({
      ...{ key: first?.key.possession, spare: first?.spare.possession },
    });
    expect(struct).to.include({ quorum: 2, wideningWaitSeconds: 604_800, appointmentWaitSeconds: 86_400 });
    expect(refusalOf(() => foundingStruct(founding, {}))).to.equal('founding-verifier-missing ');
    const without = () => foundingStruct(founding, { webauthn: at });
    expect(refusalOf(without)).to.equal('founding-validator-missing ');
  });

  it('says what is missing for the seated phase, and nothing when nothing is', () => {
    expect(foundingMissing(parseFounding(JSON.stringify(fileOf())))).to.deep.equal([]);
    expect(foundingMissing(undefined)).to.have.length(1);
    const alone = changed((file) => {
      file.institutions.pop();
      file.offices.pop();
      file.officers.splice(3);
      file.quorum = 1;
    });
    expect(foundingMissing(parseFounding(alone))).to.have.length(2);
    const mute = changed((file) => {
      for (const i of [3, 4, 5]) officer(file, i).roles.pop();
    });
    expect(foundingMissing(parseFounding(mute))).to.have.length(1);
  });

  it('is not asked what is missing once a ledger stands, whatever became of the file', () => {
    const file = parseFounding(JSON.stringify(fileOf()));
    expect(ledgerMissing(undefined, undefined)).to.deep.equal(foundingMissing(undefined));
    expect(ledgerMissing({ isSeated: true }, undefined)).to.deep.equal([]);
    expect(ledgerMissing({ isSeated: false }, file)).to.have.length(1);
  });

  it('is held against what a ledger began with, field by field', () => {
    const file = parseFounding(
      JSON.stringify({ ...fileOf(), verifiers: ['p256'], validators: [sealer(9, 1)] }),
    );
    const named = <T extends { readonly kind: number }>(key: T) => ({ ...key, kind: KEY_KINDS[key.kind] });
    const told = foundingStruct(file, { p256: `0x${'77'.repeat(20)}` as Address });
    const ledger = {
      ...told,
      officers: told.officers.map((one) => ({ ...one, key: named(one.key), spare: named(one.spare) })),
      verifiers: told.verifiers.map(named),
    };
    const differs = (one: object) => foundingDifference(file, one as FoundedWith);
    expect(differs(ledger)).to.equal(undefined);
    const places = placesIn(ledger).filter((place) => !place.startsWith('/verifiers'));
    expect(places.length).to.be.above(60);
    for (const place of places) expect(differs(bentAt(ledger, place)), place).to.equal(place);
    expect(differs(bentAt(ledger, '/verifiers/0/kind'))).to.equal('/verifiers');
    for (const name of ['officers', 'institutions', 'offices', 'policies', 'validators'] as const)
      expect(differs({ ...ledger, [name]: ledger[name].slice(1) })).to.equal(`/${name}`);
  });

  it('counts roles as the contract does', () => {
    const source = readFileSync(
      path.resolve(import.meta.dirname, '../../../../contracts/power/Roles.sol'),
      'utf8',
    );
    const bits = [...source.matchAll(/constant ([A-Z_]+) = 1 << (\d+);/g)].map(([, name = '', bit]) => [
      name.toLowerCase().replaceAll('_', '-'),
      2 ** Number(bit),
    ]);
    expect(bits).to.deep.equal(ROLES.map((role) => [role, roleBits([role])]));
  });
});

/** Of everything that is neither a list nor a record. */
function placesIn(value: unknown, place = ''): string[] {
  if (typeof value !== 'object' || value === null) return [place];
  return Object.entries(value).flatMap(([name, one]) => placesIn(one, `${place}/${name}`));
}

function bentAt(value: object, place: string): object {
  const bent = structuredClone(value);
  const names = place.split('/').slice(1);
  let holder = bent as Record<string, unknown>;
  for (const name of names.slice(0, -1)) holder = holder[name] as Record<string, unknown>;
  holder[names.at(-1) ?? ''] = 'another';
  return bent;
}

describe('an officer’s public record', () => {
  it('reads as it was written, and no other way', () => {
    const text = JSON.stringify({ format: 'kudurru-officer-1', ...officerOf(1, 1) });
    const record = parseOfficerRecord(text);
    expect(JSON.stringify(officerRecordJson(record))).to.equal(text);
    const tries = [
      text.replace('officer-1', 'officer-2'),
      text.replace('"office":0', '"office":"0"'),
      text.replace('"office":0', '"office":0,"office":0'),
      text.replace('"office":0', '"office":0,"note":""'),
      text.replace('admin-preparer', 'king'),
      '',
    ];
    for (const one of tries)
      expect(refusalOf(() => parseOfficerRecord(one))).to.match(/^(officer-record-malformed|format-unknown)/);
  });
});
