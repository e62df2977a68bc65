/** What is quoted in a sentence that is signed: it stands apart, so that no name takes the share behind it into its order. */
import { expect } from 'chai';
import type { Bytes32 } from '../../../server/domain/base/hex.ts';
import { isolated, piecesOf } from '../../../server/domain/base/quoted.ts';
import { renamedBeside } from '../../../server/domain/signer/beside.ts';
import { visible } from '../../../server/domain/signer/openings.ts';

const NAMES = ['علي', 'חסן', 'Åsa "x\\', 'Ada', ''] as const;

describe('what stands in quotes in a sentence', () => {
  it('is told from the words around it, whatever quotes and strokes it holds', () => {
    const sentence = `Registers ${NAMES.map((name) => `${visible(name)} (1/3)`).join('; ')}.`;
    const pieces = piecesOf(sentence);
    expect(pieces.map(({ text }) => text).join('')).to.equal(sentence);
    expect(pieces.filter(({ isQuoted }) => isQuoted).map(({ text }) => text)).to.deep.equal(
      NAMES.map(visible),
    );
    // nothing that was opened ends a quote early
    for (const { text, isQuoted } of pieces) if (!isQuoted) expect(text).not.to.include('"');
  });

  it('is set apart in a terminal where its letters may run the other way, and nothing else is', () => {
    const shares = `${visible('علي')} (1/3); ${visible('حسن')} (2/3); ${visible('Ada')} (1/3)`;
    expect(isolated(shares)).to.equal('\u2068"علي"\u2069 (1/3); \u2068"حسن"\u2069 (2/3); "Ada" (1/3)');
  });

  it('shows what nobody sees: a number with a filler, a variation or another space in it is not the one it looks like', () => {
    for (const sign of [
      '\u00a0',
      '\u2007',
      '\u3000',
      '\u034f',
      '\u115f',
      '\u3164',
      '\u2800',
      '\ufe0f',
      '\u{e0101}',
      '\ue000',
    ])
      expect(visible(`LR 12${sign}4`)).to.equal(`"LR 12\\u{${sign.codePointAt(0)?.toString(16)}}4"`);
    expect(visible('Åsa נ علي 葛 LR 12/4')).to.equal('"Åsa נ علي 葛 LR 12/4"');
  });

  it('holds no sign that turns the order, beside an act either', () => {
    const root = `0x${'ab'.repeat(32)}` as Bytes32;
    const facts = [{ path: 'name', value: '\u202egnorw', salt: root }];
    const [line = ''] = renamedBeside([{ commitment: root, words: [], facts }], { renamed: [root] });
    expect(line).to.include('\\u{202e}gnorw').and.not.to.include('\u202e');
  });
});
