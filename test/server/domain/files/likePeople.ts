/**
 * People of a made-up district, and what clerks do to them on the way to a second list: one thing each.
 *
 * Names are drawn as they are in lists: few are common and most are rare, of three languages, with the spellings that
 * one name has. Nobody is meant.
 */
import type { Person } from '../../../../server/domain/files/registrations.ts';
import type { Seeded } from '../../../seeded.ts';

/** Each name with its other spellings, the last in another script where there is one. */
const FIRST = (
  'Mohammed/Muhammad/Mohamed/محمد Ahmed/Ahmad/أحمد Fatima/Fatimah/فاطمة Ibrahim/Ebrahim/إبراهيم Hussein/Hussain/حسين ' +
  'Youssef/Yusuf/يوسف Khalid/Khaled/خالد Zeinab/Zainab/زينب Omar/Umar/عمر Sergey/Sergei/Сергей Ekaterina/Yekaterina/Екатерина ' +
  'Mikhail/Michail/Михаил Dmitry/Dmitri/Дмитрий Oksana/Oxana/Оксана José/Jose Éléonore/Eleonore Chidi/Chidy Amina/Aminah ' +
  'Wanjiku/Wanjikou Achieng/Acieng Otieno/Othieno Njeri/Njery Mwangi/Mwangy Akinyi/Akinyii Grace Peter Mary John Alice ' +
  'Joseph/Josef Esther/Ester Daniel Ruth/Rut Samuel Hannah/Hanna Moses David Naomi Elizabeth/Elisabeth Stephen/Stefen ' +
  'Catherine/Katherine Philip/Filip Thomas/Tomas Martha/Marta Judith Simon Lydia/Lidia Mark/Marc Christine/Kristine Paul'
).split(' ');
const STEMS =
  'Ab Ber Cho Dar Ek Fal Gor Hab Ing Jom Kar Lun Mor Nak Ol Par Ras Sim Tal Ug Var Wek Yom Zar'.split(' ');
const ENDS =
  'adi boro chan dek eli fumo gari henda iro jan kema longo mari nsa oto pesa rani sulu tari vedo'.split(' ');
const VILLAGES = 60;

export interface District {
  readonly people: readonly Person[];
}

/** The lower the number the commoner, about as the thousandth name of a country is to its first. */
const common = (random: Seeded, count: number) =>
  Math.floor(count * (random.below(1_000_000) / 1_000_000) ** 2);
const spellings = (name: string) => name.split('/');

/** Heads of households, or everybody in them, who then share a phone, a place and a family's name. */
export function peopleOf(
  random: Seeded,
  count: number,
  { perHousehold = 1, hasPhone = true }: { readonly perHousehold?: number; readonly hasPhone?: boolean } = {},
): Person[] {
  const people: Person[] = [];
  for (let line = 2; people.length < count; ) {
    const phone = `+2547${String(random.below(100_000_000)).padStart(8, '0')}`;
    const family = `${STEMS[common(random, STEMS.length)]}${ENDS[common(random, ENDS.length)]}${random.pick(STEMS).toLowerCase()}`;
    const village = `${random.pick(STEMS)}${ENDS[random.below(3)]} ${random.below(VILLAGES) % 2 === 0 ? 'East' : 'West'}`;
    const size = 1 + random.below(9);
    const firsts = new Set<string>();
    while (firsts.size < perHousehold) firsts.add(FIRST[common(random, FIRST.length)] ?? '');
    for (const written of firsts) {
      const [first = ''] = spellings(written);
      const middle = spellings(FIRST[common(random, FIRST.length)] ?? '')[0];
      const name = random.below(2) === 0 ? `${first} ${family}` : `${first} ${middle} ${family}`;
      people.push({
        ...{ line, name, village, sex: random.pick(['female', 'male']), ageYears: 1 + random.below(90) },
        ...{ householdSize: size, units: size, ...(hasPhone && { phone }) },
      });
      line++;
    }
  }
  return people.slice(0, count);
}

const words = ({ name = '' }: Person) => name.split(' ');
const renamed = (person: Person, some: readonly string[]): Person => ({ ...person, name: some.join(' ') });
const respelt = (random: Seeded, word: string) => {
  const all = FIRST.map(spellings).find((each) => each.includes(word)) ?? [word];
  return random.pick(all.length > 1 ? all.slice(1) : all);
};
function mistyped(random: Seeded, word: string): string {
  const at = 1 + random.below(Math.max(1, word.length - 1));
  const letter = random.pick([...'bdfgklmnprst']);
  return random.pick([
    word.slice(0, at) + word.slice(at + 1),
    word.slice(0, at) + letter + word.slice(at + 1),
    word.slice(0, at) + letter + word.slice(at),
  ]);
}

/** What becomes of one fact of somebody on the way to the next list. */
export const CORRUPTIONS: Readonly<Record<string, (person: Person, random: Seeded) => Person>> = {
  nothing: (person) => person,
  'another age': (person, random) => ({
    ...person,
    ageYears: ((person.ageYears ?? 0) + 1 + random.below(5)) % 91,
  }),
  'no age': ({ ageYears: _, ...person }) => person,
  'another sex': (person) => ({ ...person, sex: person.sex === 'male' ? 'female' : 'male' }),
  'another village': (person) => ({ ...person, village: 'Mistakenfield' }),
  'another phone': (person) => (person.phone === undefined ? person : { ...person, phone: '+254799999999' }),
  'no phone': ({ phone: _, ...person }) => person,
  'another household and units': (person) => ({ ...person, householdSize: 11, units: 11 }),
  'words of the name in another order': (person) => renamed(person, words(person).reverse()),
  'name without accents, in capitals': (person) =>
    renamed(person, [(person.name ?? '').normalize('NFD').replace(/\p{M}/gu, '').toUpperCase()]),
  'first name in another spelling or script': (person, random) => {
    const [first = '', ...rest] = words(person);
    return renamed(person, [respelt(random, first), ...rest]);
  },
  'a slip of the pen in one word': (person, random) => {
    const all = words(person);
    const at = random.below(all.length);
    return renamed(
      person,
      all.map((word, i) => (i === at ? mistyped(random, word) : word)),
    );
  },
  'another family name': (person) => renamed(person, [...words(person).slice(0, -1), 'Newlywed']),
  'a word of the name left out': (person) => {
    const all = words(person);
    return renamed(person, all.length > 2 ? [all[0] ?? '', all[2] ?? ''] : all);
  },
  'another name altogether': (person) => renamed(person, ['Quite', 'Otherwise']),
};
