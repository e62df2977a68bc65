import { expect } from 'chai';
import { decodeText, isName, MAX_FILE_BYTES, textFlaw } from '../../../../server/domain/files/text.ts';

describe('the text of a file', () => {
  it('is what the platform’s own decoder reads, for 2,000 runs of random and broken bytes', () => {
    const decoder = new TextDecoder();
    const whole = new TextEncoder().encode('aé€😀߿ࠀ￿𐀀􏿿');
    let state = 1;
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return Math.floor((state / 0x80000000) * below);
    };
    for (let n = 0; n < 2000; n++) {
      const bytes = Uint8Array.from({ length: 60 }, (_, i) => whole[i % whole.length] ?? 0);
      if (n > 0) for (let k = 0; k < 4; k++) bytes[random(60)] = random(256);
      bytes[0] = 0x61;
      const lost = /\ufffd+/gu; // how many marks stand for a run of lost bytes is each decoder's own
      expect(decodeText(bytes).replace(lost, '?')).to.equal(decoder.decode(bytes).replace(lost, '?'));
    }
  });

  it('is the same across the decoder’s own chunks', () => {
    const text = 'ab😀€'.repeat(10_000);
    expect(decodeText(new TextEncoder().encode(`\ufeff${text}`))).to.equal(text);
  });

  const SHORT = 'Name;Phone\r\nÀnn Āma الاسم;0700000001\r\n';
  const big = (text: string) => Buffer.from(text, 'utf16le').swap16();
  for (const [what, bytes, charset] of [
    ['little', Buffer.from(SHORT, 'utf16le'), undefined],
    ['big', big(SHORT), undefined],
    ['big, and said so', big(SHORT), 'utf-16be'],
  ] as const) {
    it(`is UTF-16 without a mark where zero bytes show which: ${what}`, () => {
      expect(decodeText(bytes, charset)).to.equal(SHORT);
    });
  }

  it('is refused where zero bytes do not show which UTF-16 it is, or the request says another', () => {
    const both = Buffer.concat([Buffer.from(SHORT, 'utf16le'), big(SHORT)]);
    const odd = Buffer.concat([Buffer.from(SHORT, 'utf16le'), Buffer.from('a')]);
    const padded = Buffer.from(`${SHORT}\0\0`, 'utf16le');
    for (const bytes of [both, odd, padded])
      expect(() => decodeText(bytes))
        .to.throw()
        .with.property('code', 'file-not-utf8');
    expect(() => decodeText(big(SHORT), 'utf-8'))
      .to.throw()
      .with.property('code', 'file-not-utf8');
    expect(decodeText(Buffer.from('Name;Phone\r\nA\0;1'))).to.include('A\0;1');
  });

  it('has a limit', () => {
    expect(() => decodeText(new Uint8Array(MAX_FILE_BYTES + 1)))
      .to.throw()
      .with.property('code', 'file-too-large');
  });
});

describe('a value', () => {
  it('holds nothing that cannot be seen, whichever of all characters it is', () => {
    const unseen =
      /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}]/u;
    let [tried, letIn] = [0, 0];
    for (let point = 0; point <= 0x10ffff; point++) {
      const character = String.fromCodePoint(point);
      if (!unseen.test(character) || (point >= 0xf0000 && point % 97 > 0)) continue;
      tried++;
      if (textFlaw(`A${character}B`) !== 'text-malformed') letIn++;
    }
    console.log(`      characters nobody sees | all planes | ${tried} tried | ${letIn} let in`);
    expect([tried > 5_000, letIn]).to.deep.equal([true, 0]);
  });

  it('is spelt with joiners where a script needs them, and nowhere else', () => {
    for (const name of ['می\u200cخواهم', 'ශ්\u200dරී', 'क्\u200dष']) expect(textFlaw(name)).to.equal(undefined);
    for (const name of ['A\u200dB', '\u200cمی', 'می\u200c', '12\u200c3']) {
      expect(textFlaw(name), JSON.stringify(name)).to.equal('text-malformed');
    }
    for (const name of ['Åsa', 'Nguyễn', '名前', 'O’Brien', '№ 7/2', '𞤀𞤣𞤢'])
      expect(textFlaw(name)).to.equal(undefined);
  });

  it('has no accent that stands on no letter', () => {
    for (const value of ['\u0301Amina', 'Amina \u0301Yusuf', '-\u0308', '(\u0327'])
      expect(textFlaw(value), JSON.stringify(value)).to.equal('text-malformed');
    for (const value of ['Ami\u0301na', '\u0915\u093f', 'Nguy\u1ec5n', '\u0e01\u0e34'])
      expect(textFlaw(value), value).to.equal(undefined);
  });

  it('names somebody when it has a letter or a digit', () => {
    for (const name of ['A', '7', '名', 'Null', 'None', 'Na', 'X', 'Nil Unknownson'])
      expect(isName(name)).to.equal(true);
    for (const name of [
      '',
      ' ',
      '--',
      '\u00a0',
      '\u2800',
      '...',
      'N/A',
      'n.a.',
      'xxx',
      'Unknown',
      'no name',
      'Inconnu',
    ])
      expect(isName(name), name).to.equal(false);
  });
});
