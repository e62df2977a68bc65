/**
 * How a name sounds, roughly: what clerks of several languages and scripts leave the same when they write it again.
 *
 * Promises: case, accents, vowels, doubled letters and the usual ways to write one consonant make no difference, nor does
 * the script where it is Latin, Cyrillic, Greek or Arabic; of a script that is none of these the letters stand as they
 * are. It is for questions and never an answer: names that sound alike may be two. Pure.
 */

/** Letters of other scripts by the consonants of a Latin spelling; vowels may be any vowel. */
const LETTERS: ReadonlyMap<string, string> = new Map(
  (
    'аa бb вv гg дd еe ёe жz зz иi йi кk лl мm нn оo пp рr сs тt уu фf хk цts чs шs щs ъ ыi ь эe юu яa єe іi їi ґg ' +
    'ўu ђd јi љl њn ћs џs ѓg ќk αa βv γg δd εe ζz ηi θt ιi κk λl μm νn ξks οo πp ρr σs ςs τt υi φf χk ψps ωo ' +
    'اa أa إi آa ءa ؤo ئi ىa ةh بb پp تt ثt جj چs حh خk دd ذd رr زz ژz سs شs صs ضd طt ظz عa غg فf قk کk كk گg لl مm ' +
    'نn هh ھh ہh وo يi یi ےi ß' +
    'ss øo đd łl ıi æe œo þt ðd ŋn ħh'
  )
    .split(' ')
    .map((pair) => [String.fromCodePoint(pair.codePointAt(0) ?? 0), pair.slice(1)]),
);

/** Consonants that are written with two letters or in two ways; the longer before the shorter. */
const CONSONANTS = /sch|tch|[scz]h|[sc]z|d[jzh]|kh|ck|gh|th|ph|[cqxz]|(?<=.)h$/g;
const ONE_WAY: ReadonlyMap<string, string> = new Map(
  'sch=s tch=s sh=s ch=s zh=s sz=s cz=s dj=j dz=j dh=d kh=k ck=k gh=g th=t ph=f q=k x=ks z=s h='
    .split(' ')
    .map((pair) => pair.split('=') as [string, string]),
);
const ASCII = /^[ -~]*$/;
const HAS_DIGIT = /\p{N}/u;

/** One word of a name. A short one is told by its vowels too: `Li` and `Lo` are two; a number has no sound. */
export function soundOf(word: string): string {
  if (HAS_DIGIT.test(word)) return word;
  const latin = latinOf(word.toLowerCase())
    .replace(CONSONANTS, (written, at: number, whole: string) =>
      written === 'c' ? softOf(whole[at + 1]) : (ONE_WAY.get(written) ?? written),
    )
    .replace(/[eyuw]/g, (vowel) => (vowel === 'e' || vowel === 'y' ? 'i' : 'o'))
    .replace(/(.)\1+/g, '$1')
    .replace(/(?<=..)a$/, '');
  const bones = latin
    .replace(/(?<=.)[aio]+/g, '')
    .replace(/(.)\1+/g, '$1')
    .replace(/^[aio]/, 'a');
  return bones.replace(/^a/, '').length < 2 ? latin : bones;
}

/** `c` before a light vowel. */
const softOf = (next: string | undefined): string => ('eiy'.includes(next ?? '-') ? 's' : 'k');

function latinOf(word: string): string {
  if (ASCII.test(word)) return word;
  return [...word.normalize('NFKD').replace(/\p{M}/gu, '')]
    .map((letter) => LETTERS.get(letter) ?? letter)
    .join('');
}

/**
 * Marks that a name is written with or without: accents of letters, points of Hebrew, vowels of Arabic. In other scripts
 * they are vowels or, in kana, voices, and tell names apart.
 */
const ACCENTS =
  /(?!\u3099|\u309a)(?=\p{Script=Inherited}|\p{Script=Arabic}|\p{Script=Cyrillic}|\p{Script=Hebrew})\p{M}/gu;

/** Words as people tell names apart: without case, accents and punctuation, each once. */
export function wordsOfName(name: string, most: number): string[] {
  const plain = ASCII.test(name)
    ? name.toUpperCase()
    : name.normalize('NFKD').replace(ACCENTS, '').toUpperCase().normalize('NFKC');
  return [...new Set(plain.split(/[^\p{L}\p{M}\p{N}]+/u).filter((word) => word !== ''))].slice(0, most);
}
