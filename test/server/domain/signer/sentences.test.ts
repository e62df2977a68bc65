/** What the screen of a signer begins with, of every act there is; and files that lie about it. */
import { expect } from 'chai';
import { ORDERS } from '../../../../server/domain/acts/orders.ts';
import { SIGNED_TYPES } from '../../../../server/domain/acts/signedActs.ts';
import { ACTS, type ActRow } from '../../../../server/domain/acts/table.ts';
import type { TypedStruct, TypedValue } from '../../../../server/domain/acts/typedData.ts';
import { rollTree } from '../../../../server/domain/benefits/envelope.ts';
import { linesOfList, type PersonCells } from '../../../../server/domain/benefits/lists.ts';
import { foldWords, packUnits } from '../../../../server/domain/benefits/unitsTable.ts';
import { listIn, readActFile, unopenedIn, writeActFile } from '../../../../server/domain/signer/actFile.ts';
import type { SignedWords } from '../../../../server/domain/signer/openings.ts';
import * as native from '../../../../server/ledger/keccak.ts';
import { head, word, ZERO } from '../acts/signedActs.ts';
import {
  buyerFacts,
  child,
  OWN_KEY,
  refusalOf,
  right,
  rows,
  SOLD,
  secret,
  sellerFacts,
  sentenceOf,
  signedOf,
  slots,
  textOf,
  unit,
  units,
} from './openedActs.ts';

describe('what a signer is told first', () => {
  it('is a sentence of every act of the table, and no two acts have the same', () => {
    const sentences = rows.map((row) => sentenceOf(textOf(row)));
    for (const [i, sentence] of sentences.entries()) {
      expect(sentence, rows[i]?.type).to.match(/^[A-Z][a-z]+ .*\.$/);
      expect(sentence, rows[i]?.type).to.not.match(/not opened|undefined|unknown|NaN|unspecified/);
      expect(unopenedIn(readActFile(textOf(rows[i] as ActRow))), rows[i]?.type).to.deep.equal([]);
    }
    expect(new Set(sentences).size).to.equal(rows.length);
    console.log(`      opening sentences of acts | ${rows.length} tried | 0 without`);
  });

  it('names parcels and people as a registrar does', () => {
    expect(sentenceOf(textOf(ACTS.TransferRight))).to.equal(
      `Moves the whole of parcel "12/7" from "Will Seller" to "Ann Buyer". From then on ${OWN_KEY} for "Ann Buyer".`,
    );
    expect(sentenceOf(textOf(ACTS.CreateRestriction))).to.equal(
      'Lays a mortgage of rank 1 for key 0x62626262...6262, with amount "KES 90,000" on parcel "12/7"; it stops transfer.',
    );
    expect(sentenceOf(textOf(ACTS.Discharge))).to.equal(
      'Takes a mortgage of rank 1 for key 0x62626262...6262, with amount "KES 90,000" off parcel "12/7", for good.',
    );
    expect(sentenceOf(textOf(ACTS.Subdivide))).to.equal(
      'Divides parcel "12/7", which ends, in 1: parcel "12/7/1"; each keeps its holders and all that lies on it.',
    );
    expect(sentenceOf(textOf(ACTS.Consolidate))).to.equal(
      'Joins parcel "12/7", which end, into parcel "12/7/1" in absolute ownership: "Ann Buyer" holds the whole. From then on key 0x21212121...2121 signs for "Ann Buyer".',
    );
  });

  it('says that another key takes the place of a card, and that a till keeps its own', () => {
    const sentence = (row: ActRow, bend: TypedStruct) => {
      const act = { ...signedOf(row), message: { ...signedOf(row).message, ...bend } };
      return sentenceOf(
        JSON.stringify(writeActFile({ act, items: [], approval: undefined, consents: [], opens: [] })),
      );
    };
    expect(sentence(ACTS.SetTill, { versionBefore: 0n })).to.match(
      /^Takes up till 1 of .*, active, with key 0x\w+\.\.\.\w+ \(\w+\)\.$/,
    );
    expect(sentence(ACTS.SetTill, { versionBefore: 2n })).to.match(
      /^Makes till 1 of .* active, with key .* as before, for the 2nd change of it\.$/,
    );
    expect(sentence(ACTS.SetCard, { cardEpoch: 1n })).to.not.include('before it');
    expect(sentence(ACTS.SetCard, { cardEpoch: 2n })).to.match(
      /; no card of the place before it counts any more\.$/,
    );
  });

  it('says who had what and has it then, where more than one changes', () => {
    const [holding = {}] = right.holdings as readonly TypedStruct[];
    const next = {
      ...{ ...right, tenancy: 2n, denominator: 3n },
      holdings: [
        { ...holding, numerator: 1n, partyCommitment: sellerFacts.root },
        { ...holding, holdingId: 0n, numerator: 2n, partyCommitment: buyerFacts.root },
      ],
    };
    const act = { ...signedOf(ACTS.TransferRight), message: { head, unit, next } };
    const text = JSON.stringify(
      writeActFile({ act, items: [], approval: undefined, consents: [], opens: SOLD }),
    );
    expect(sentenceOf(text)).to.equal(
      `Changes who holds parcel "12/7": "Will Seller" had the whole and has 1/3 then; "Ann Buyer" comes to hold 2/3, in common tenancy from then on. From then on ${OWN_KEY} for "Ann Buyer".`,
    );
  });

  it('says who signs for whoever comes to hold, by which key', () => {
    const [holding = {}] = right.holdings as readonly TypedStruct[];
    const endOf = (bend: TypedStruct) => {
      const next = {
        ...right,
        holdings: [{ ...holding, holdingId: 0n, partyCommitment: buyerFacts.root, ...bend }],
      };
      const act = { ...signedOf(ACTS.TransferRight), message: { head, unit, next } };
      const file = writeActFile({ act, items: [], approval: undefined, consents: [], opens: SOLD });
      return sentenceOf(JSON.stringify(file)).split('From then on ')[1];
    };
    expect(endOf({ keyHash: word(0x99) })).to.equal('key 0x99999999...9999 signs for "Ann Buyer".');
    expect(endOf({ signer: 2n })).to.match(/signs for "Ann Buyer", as a representative\.$/);
    expect(endOf({ signer: 3n, keyHash: word(0) })).to.equal('nobody signs for "Ann Buyer".');
    expect(endOf({ keyHash: word(0) })).to.equal('no key signs for "Ann Buyer".');
  });

  it('says from when an act has effect, what it corrects, and another tenancy', () => {
    const plain = sentenceOf(textOf(ACTS.TransferRight));
    const withHead = (bend: TypedStruct, next: TypedStruct = {}) => {
      const { message } = signedOf(ACTS.TransferRight);
      const bent = {
        ...message,
        head: { ...head, ...bend },
        next: { ...(message.next as TypedStruct), ...next },
      };
      const act = { ...signedOf(ACTS.TransferRight), message: bent };
      const file = writeActFile({ act, items: [], approval: undefined, consents: [], opens: SOLD });
      return sentenceOf(JSON.stringify(file));
    };
    expect(withHead({})).to.equal(plain);
    expect(withHead({ effectiveOn: 1_672_531_200n })).to.equal(
      `${plain} It has effect from 1 January 2023, 00:00 UTC.`,
    );
    expect(withHead({ corrects: word(0x77) })).to.equal(`${plain} It corrects entry 0x77777777...7777.`);
    expect(withHead({}, { tenancy: 2n })).to.include(
      '"Ann Buyer", in common tenancy from then on. From then on',
    );
  });

  it('counts people, units and money of a list anew, and has the list as lines', () => {
    expect(sentenceOf(textOf(ACTS.Enrol))).to.match(
      /^Enrols 2 people in programme 0x.*, at places 10 to 11: 1 with a card, 1 without a card, who are paid out\.$/,
    );
    expect(sentenceOf(textOf(ACTS.CycleEnvelope))).to.match(
      /^Gives 2 people 4,120 units of KES 12\.50 each, KES 51,500\.00 in all, in cycle 1 of programme 0x.*\.$/,
    );
    const linesOf = (row: ActRow, beside?: PersonCells) => {
      const file = readActFile(textOf(row));
      const list = listIn(file);
      return list && [...linesOfList(file.act, list, beside)];
    };
    expect(linesOf(ACTS.CycleEnvelope)).to.deep.equal(['place,units', '0,3000', '2,1120', 'total of 2,4120']);
    expect(linesOf(ACTS.Enrol)).to.deep.equal([
      'place,card,key,effectiveFrom',
      `10,secp256k1,0x${'ab'.repeat(20)},1970-01-01T00:00:07Z`,
      `11,unspecified,0x${'00'.repeat(20)},`,
      'total,2,,',
    ]);
    const personAt = { heading: ['person'], at: (place: number) => [`person ${place}`] };
    expect(linesOf(ACTS.CycleEnvelope, personAt)).to.deep.equal([
      ...['place,units,person', '0,3000,person 0', '2,1120,person 2', 'total of 2,4120,'],
    ]);
    expect(linesOf(ACTS.Enrol, personAt)?.map((line) => line.split(',').at(-1))).to.deep.equal([
      ...['person', 'person 10', 'person 11', ''],
    ]);
    expect(listIn(readActFile(textOf(ACTS.Settle)))).to.equal(undefined);
  });
});

/** Hashes and ids that a signer reads as they stand, and why nothing needs to open them. */
const READ_AS_THEY_STAND: Readonly<Record<string, string>> = {
  preparer: 'an officer, whom the ledger knows by this id',
  officer: 'likewise',
  corrects: 'an entry of the ledger',
  baUnit: 'a unit of the ledger; its number is in its facts',
  baseUnit: 'likewise',
  id: 'a spatial unit, whose geometry is opened',
  membersRoot: 'of the children, which stand in the file as items',
  itemsHash: 'of the titles, which stand in the file as items',
  instrumentId: 'random; its holder knows it',
  keyHash: 'of a key, which showed itself to the gateway or to the ledger',
  holderKeyHash: 'likewise',
  rpIdHash: 'of a site, which the officer reads out',
  salt: 'random, and makes the id of an officer',
  revoker: 'an officer',
  actHash: 'of an act that is taken back, which whoever takes it back prepared or approved',
  entryId: 'likewise',
  name: 'of a policy or a register, which the sentence names',
  appointmentsHash: 'of the appointments, which stand in the file as items',
  programme: 'random; the agency knows it',
  vendor: 'likewise',
};

/** The same of how a unit stands before an act: what the act leaves as it is, and why its signer is not shown it. */
const STANDS_AS_IT_IS: Readonly<Record<string, string>> = {
  priorState: 'of the state before the one that is shown, which an entry of the ledger has',
  partyCommitment: 'of a holder whose part stays as it is: a name is read for a reason',
  termsCommitment: 'of a right or a charge that stays as it is, likewise',
};

describe('what nobody signs blind', () => {
  it('is every hash of how a unit stands: it is opened, and missed where it is not, or stays as it is', () => {
    const [blind, unmissed, met] = [new Set<string>(), new Set<string>(), new Set<string>()];
    for (const row of rows) {
      const file = readActFile(textOf(row));
      const opened = new Set<string>(file.openings.map(({ commitment }) => commitment));
      for (const { name, hash } of file.openings.flatMap(({ state: one }) =>
        one === undefined ? [] : hashesIn('BAUnitState', one, ''),
      )) {
        if (READ_AS_THEY_STAND[name] !== undefined) continue;
        met.add(name);
        if (STANDS_AS_IT_IS[name] !== undefined) continue;
        if (!opened.has(hash)) blind.add(`${row.type} ${name}`);
        const whole = JSON.parse(textOf(row));
        const openings = whole.openings.filter((one: { commitment: string }) => one.commitment !== hash);
        const closed = readActFile(JSON.stringify({ ...whole, openings }));
        if (unopenedIn(closed).length === 0) unmissed.add(`${row.type} ${name}`);
      }
    }
    expect([...blind], 'neither opened nor excused').to.deep.equal([]);
    expect([...unmissed], 'signed without').to.deep.equal([]);
    expect([...met]).to.include.members(['factsRoot', 'geometryCommitment', 'partyCommitment']);
    const parts = Object.keys(STANDS_AS_IT_IS).filter((name) => !hashNames('BAUnitState').includes(name));
    expect(parts, 'excused, and in no state').to.deep.equal([]);
  });

  it('is every hash of every act: it is opened, or is one that is read as it stands, for a reason', () => {
    const [known, blind] = [new Set<string>(), new Set<string>()];
    for (const row of rows) {
      const file = readActFile(textOf(row, []));
      const unopened = unopenedIn(file);
      for (const { place, name } of hashesIn(row.type, file.act.message, '')) {
        if (unopened.includes(place)) known.add(name);
        else if (READ_AS_THEY_STAND[name] === undefined) blind.add(`${row.type}${place}`);
      }
    }
    expect([...blind]).to.deep.equal([]);
    const [portion, other] = [child.portion as TypedStruct, word(0x99)];
    const spatialUnits = [{ id: word(0x98), geometryCommitment: other }];
    for (const [row, bend] of [
      [ACTS.Subdivide, { children: [{ ...child, portion: { ...portion, spatialUnits } }] }],
      [ACTS.RevokeOfficer, { head: { ...head, sourcesRoot: other }, caseReference: other }],
    ] as const) {
      const act = { ...signedOf(row), message: { ...signedOf(row).message, ...bend } };
      const file = { act, items: [], approval: undefined, consents: [], opens: [] };
      for (const place of unopenedIn(readActFile(JSON.stringify(writeActFile(file)))))
        known.add(place.slice(place.lastIndexOf('/') + 1));
    }
    const all = new Set([...rows, ...Object.values(ORDERS)].flatMap(({ type }) => hashNames(type)));
    const untold = [...all].filter((name) => !known.has(name) && READ_AS_THEY_STAND[name] === undefined);
    expect(untold, 'neither opened nor excused').to.deep.equal([]);
    const idle = Object.keys(READ_AS_THEY_STAND).filter((name) => !all.has(name));
    expect(idle, 'excused, and in no act').to.deep.equal([]);
  });
});

/** Names of all fields of 32 bytes of a struct and of what it has in it. */
function hashNames(type: string): string[] {
  return (SIGNED_TYPES[type.replace('[]', '')] ?? []).flatMap((field) =>
    field.type === 'bytes32' ? [field.name] : hashNames(field.type),
  );
}

/** Where each hash of a message stands that is not zero, and what its field is called. */
function hashesIn(
  type: string,
  value: TypedValue,
  place: string,
  name = '',
): { place: string; name: string; hash: string }[] {
  if (type.endsWith('[]')) {
    return (value as readonly TypedValue[]).flatMap((one, i) =>
      hashesIn(type.slice(0, -2), one, `${place}/${i}`, name),
    );
  }
  const fields = SIGNED_TYPES[type];
  if (fields === undefined)
    return type === 'bytes32' && value !== ZERO ? [{ place, name, hash: String(value) }] : [];
  const struct = value as TypedStruct;
  return fields.flatMap((field) =>
    hashesIn(field.type, struct[field.name] ?? '', `${place}/${field.name}`, field.name),
  );
}

describe('a file that lies about what is signed', () => {
  it('is refused, whatever it opens with something else', () => {
    let tried = 0;
    for (const row of rows) {
      const whole = JSON.parse(textOf(row));
      for (const [i, opening] of whole.openings.entries()) {
        for (const bent of bentOpenings(opening)) {
          tried++;
          const lie = { ...whole, openings: whole.openings.with(i, bent) };
          expect(refusalOf(JSON.stringify(lie)), `${row.type} ${i}`).to.be.oneOf([
            'opening-differs',
            'act-file-malformed',
          ]);
        }
        for (const other of whole.openings) {
          if (other.commitment === opening.commitment) continue;
          tried++;
          const swapped = { ...other, commitment: opening.commitment };
          const lie = { ...whole, openings: whole.openings.with(i, swapped) };
          expect(refusalOf(JSON.stringify(lie)), `${row.type} ${i}`).to.equal('opening-differs');
        }
      }
    }
    console.log(`      lying openings | ${tried} tried | 0 let in`);
    expect(tried).to.be.greaterThan(60);
  });

  it('names what it leaves closed, says so in the sentence, and is not signed blind', () => {
    let tried = 0;
    for (const row of rows) {
      const whole = JSON.parse(textOf(row));
      for (const [i] of whole.openings.entries()) {
        tried++;
        const text = JSON.stringify({ ...whole, openings: whole.openings.toSpliced(i, 1) });
        if (refusalOf(text) === 'opening-differs') continue; // what only that state commits to belongs to nothing now
        expect(unopenedIn(readActFile(text)), `${row.type} ${i}`).to.not.deep.equal([]);
        expect(sentenceOf(text), `${row.type} ${i}`).to.include('not opened');
      }
    }
    expect(tried).to.be.greaterThan(25);
  });

  it('is refused with a list of other people, units or lines than the act states', () => {
    const refused = (row: ActRow, list: SignedWords, bend: TypedStruct) => {
      const act = signedOf(row);
      const message = { ...act.message, ...bend };
      const bent = { ...act, message };
      return refusalOf(
        JSON.stringify(
          writeActFile({ act: bent, items: [], approval: undefined, consents: [], opens: [{ list }] }),
        ),
      );
    };
    const none = new Uint8Array();
    const roll = { words: units.words, secret };
    expect(refused(ACTS.CycleEnvelope, roll, {})).to.equal('nothing refused');
    expect(refused(ACTS.CycleEnvelope, roll, { totalUnits: 4_121n })).to.equal('opening-differs');
    expect(refused(ACTS.CycleEnvelope, roll, { count: 2n })).to.equal('opening-differs');
    expect(refused(ACTS.CycleEnvelope, roll, { root: ZERO })).to.equal('opening-differs');
    expect(refused(ACTS.CycleEnvelope, { ...roll, secret: secret.toReversed() }, {})).to.equal(
      'opening-differs',
    );
    const sold = units.words.slice();
    sold[28] = 1; // a sequence: a card that sold already
    const used = { words: sold, secret: none };
    expect(refused(ACTS.CycleEnvelope, used, { tableHash: foldWords(sold) })).to.equal('opening-differs');
    expect(refused(ACTS.Enrol, { words: slots, secret: none }, { count: 3n })).to.equal('opening-differs');
    expect(refused(ACTS.Enrol, { words: slots, secret }, {})).to.equal('opening-differs');
  });

  it('is signed with a roll without the secret of its salts only by who says so', () => {
    const list = { words: units.words, secret: new Uint8Array() };
    const text = textOf(ACTS.CycleEnvelope, [{ list }]);
    expect(unopenedIn(readActFile(text))).to.deep.equal(['/root']);
  });

  it('has the root of a roll computed again, however many entries it has', () => {
    const count = 65_537;
    const hash = native.keccak256;
    const each = Array.from({ length: count }, (_, i) => i % 7);
    const { words } = packUnits(each, 4);
    const totalUnits = BigInt(each.reduce((sum, one) => sum + one, 0));
    const { root } = rollTree(Uint32Array.from(each), secret, hash);
    const act = signedOf(ACTS.CycleEnvelope);
    const fileOf = (stated: string) => {
      const of = { tableHash: foldWords(words, hash), root: stated, count: BigInt(count), totalUnits };
      const bent = { ...act, message: { ...act.message, ...of } };
      const opens = [{ list: { words, secret } }];
      const file = { act: bent, items: [], approval: undefined, consents: [], opens };
      return JSON.stringify(writeActFile(file));
    };
    expect(unopenedIn(readActFile(fileOf(root)))).to.deep.equal([]);
    expect(refusalOf(fileOf(foldWords(words, hash)))).to.equal('opening-differs');
  });
});

/** The same opening with other content: another value, another state, another word. */
function bentOpenings(opening: Readonly<Record<string, unknown>>): unknown[] {
  if (opening.kind === 'state') {
    const bent = structuredClone(opening) as { state: { header: { office: string } } };
    bent.state.header.office = '5';
    return [bent];
  }
  if (opening.kind === 'words') {
    const words = String(opening.words);
    const other = `${words.slice(0, -1)}${words.endsWith('1') ? '2' : '1'}`;
    return [
      { ...opening, words: other },
      { ...opening, words: `${words}${'00'.repeat(32)}` },
      { ...opening, secret: `0x${'11'.repeat(32)}` },
    ];
  }
  const facts = opening.facts as readonly { value: string; salt: string }[];
  const [first] = facts;
  return [
    { ...opening, facts: facts.with(0, Object.assign({}, first, { value: 'Mallory' })) },
    { ...opening, facts: facts.with(0, Object.assign({}, first, { salt: word(0x99) })) },
  ];
}
