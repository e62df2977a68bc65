import { expect } from 'chai';
import { decodeText, MAX_FILE_BYTES } from '../../../../server/domain/files/text.ts';

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

  it('has a limit', () => {
    expect(() => decodeText(new Uint8Array(MAX_FILE_BYTES + 1)))
      .to.throw()
      .with.property('code', 'file-too-large');
  });
});
