/** The files of words: each language says everything, with all of its plurals, and no page says anything else. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { stringsOf } from '../../scripts/source.ts';
import { ORDERS } from '../../server/domain/acts/orders.ts';
import { ACTS } from '../../server/domain/acts/table.ts';
import { codeOfError } from '../../server/domain/base/refusal.ts';
import {
  EVIDENCE_GRADES,
  LAND_ACTS,
  MEASURE_KINDS,
  ORIGINS,
  PARTY_KINDS,
  RESPONSIBILITY_KINDS,
  RESTRICTION_KINDS,
  RIGHT_KINDS,
  ROLES,
  SCOPES,
  STANDINGS,
  TENANCIES,
  UNIT_STATUSES,
} from '../../server/domain/base/terms.ts';
import { CHANGED } from '../../server/domain/land/changes.ts';
import { PURPOSES, SCHEMA } from '../../server/domain/people/schema.ts';
import { MEASURE_STATES } from '../../server/domain/power/measureState.ts';
import { LANGUAGES, type Message, speakerOf, type Words } from '../../web/page/words.ts';

const WEB = path.resolve(import.meta.dirname, '../../web');
const wordsOf = (language: string): Words =>
  JSON.parse(readFileSync(path.join(WEB, 'words', `${language}.json`), 'utf8'));
const formsOf = (message: Message) => (typeof message === 'string' ? [message] : Object.values(message));
const holesIn = (message: Message) =>
  new Set(formsOf(message).flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)));

/** What the ledger speaks of, by the group its words stand in. */
const TERMS: Readonly<Record<string, readonly string[]>> = {
  status: UNIT_STATUSES,
  origin: ORIGINS,
  evidence: EVIDENCE_GRADES,
  right: RIGHT_KINDS,
  standing: STANDINGS,
  tenancy: TENANCIES,
  party: PARTY_KINDS,
  restriction: RESTRICTION_KINDS,
  responsibility: RESPONSIBILITY_KINDS,
  act: LAND_ACTS,
  changed: CHANGED,
  measureKind: MEASURE_KINDS,
  measureState: MEASURE_STATES,
  officerRole: ROLES,
  scope: SCOPES,
  reading: Object.keys(PURPOSES),
  keptAs: Object.keys(SCHEMA),
  kind: [...Object.keys(ACTS), ...Object.keys(ORDERS)].map(codeOfError),
};

const sources = ['page', 'console', 'till', 'mine', 'verify'].flatMap((folder) =>
  readdirSync(path.join(WEB, folder))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ name: `${folder}/${name}`, text: readFileSync(path.join(WEB, folder, name), 'utf8') })),
);

describe('the words of the pages', () => {
  const english = wordsOf('en');
  for (const language of LANGUAGES) {
    it(`say everything in ${language}, with the same things filled in`, () => {
      const words = wordsOf(language);
      expect(Object.keys(words).sort()).to.deep.equal(Object.keys(english).sort());
      for (const [key, message] of Object.entries(words)) {
        for (const form of formsOf(message)) expect(form.trim(), key).not.to.equal('');
        // A form may leave out the number that its words say: one, two, none.
        const isPlural = typeof message !== 'string';
        const [own, meant] = [holesIn(message), holesIn(english[key] ?? '')];
        if (isPlural) own.add('count');
        if (isPlural) meant.add('count');
        expect([...own].sort(), key).to.deep.equal([...meant].sort());
      }
    });

    it(`have every plural category that ${language} has`, () => {
      const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
      const words = wordsOf(language);
      const plurals = Object.entries(words).filter(([, message]) => typeof message !== 'string');
      expect(plurals.length).to.be.greaterThan(10);
      for (const [key, message] of plurals)
        expect(Object.keys(message).sort(), key).to.deep.equal([...categories].sort());
      // Whatever counts has plurals.
      for (const [key, message] of Object.entries(words)) {
        if (typeof message === 'string') expect(holesIn(message), key).not.to.include('count');
      }
    });

    it(`name every term of the ledger in ${language}`, () => {
      const words = wordsOf(language);
      const missing = Object.entries(TERMS).flatMap(([group, names]) =>
        names
          .filter((name) => name !== 'unspecified' && !Object.hasOwn(words, `${group}.${name}`))
          .map((name) => `${group}.${name}`),
      );
      expect(missing).to.deep.equal([]);
    });
  }

  it('are shown in the digits that the reader chose, and with the plural of the number', () => {
    const arabic = speakerOf(wordsOf('ar'), 'ar', 'arab');
    const said = (count: number) =>
      arabic
        .pieces('find.found', { count })
        .map(({ text }) => text)
        .join('');
    expect([0, 1, 2, 3, 11, 100].map(said)).to.deep.equal([
      'لم يُعثر على أي سند.',
      'عُثر على سند واحد.',
      'عُثر على سندين.',
      'عُثر على ٣ سندات.',
      'عُثر على ١١ سندًا.',
      'عُثر على ١٠٠ سند.',
    ]);
    expect(speakerOf(wordsOf('ar'), 'ar', 'latn').number(1234)).to.equal('1,234');
    expect(speakerOf(wordsOf('en'), 'en', 'arabext').number(12)).to.equal('۱۲');
    expect(
      arabic.pieces('title.parcel', { number: 'A/1' }).filter(({ isFilledIn }) => isFilledIn),
    ).to.deep.equal([{ text: 'A/1', isFilledIn: true }]);
  });

  it('stand in no code: a sentence there is a fault, but for commands', () => {
    expect(sources.length).to.be.greaterThan(8);
    const found = sources.flatMap(({ name, text }) =>
      stringsOf(text)
        .filter(
          (one) =>
            /[A-Za-z]{3,} [a-z]{2,}/.test(one) && !/^kudurru (?:officer|audit|holder|card) /.test(one.trim()),
        )
        .map((one) => `${name}: ${one}`),
    );
    expect(found).to.deep.equal([]);
  });

  it('are all said somewhere', () => {
    const all =
      sources.map(({ text }) => text).join('\n') +
      readFileSync(path.join(WEB, '../server/http/consolePages.ts'), 'utf8');
    // Of these the second half comes from elsewhere.
    const groups = new Set([...all.matchAll(/(?:term\(|choice\(voice, )'(\w+)'/g)].map(([, group]) => group));
    const templates = [...all.matchAll(/`([\w.]+)\.\$\{/g)].map(([, start]) => start ?? '');
    const unsaid = Object.keys(english).filter((key) => {
      const [group = ''] = key.split('.');
      const isBuilt = templates.some((start) => key.startsWith(`${start}.`));
      return !all.includes(`'${key}'`) && !groups.has(group) && !isBuilt;
    });
    expect(unsaid).to.deep.equal([]);
  });
});
