/** How long a session lasts, and what ends it: by a clock of the test. */
import { expect } from 'chai';
import { openSessions } from '../../../server/http/sessions.ts';

const MINUTE = 60_000;
const TOKEN = 'kudurru_0000000000000000_a-token';

describe('a session of a browser', () => {
  const opened = () => {
    const clock = { ms: 1_000 };
    const sessions = openSessions(() => clock.ms);
    const begin = (holder = 'holder') => (sessions.begin(TOKEN, holder).cookie.split(';')[0] ?? '').trim();
    const tokenOf = (cookie: string) => sessions.tokenOf({ cookie, 'sec-fetch-site': 'same-origin' });
    return { clock, sessions, begin, tokenOf };
  };

  it('lasts while it is used, half an hour without, and a working day at most', () => {
    const { clock, begin, tokenOf } = opened();
    const cookie = begin();
    const used = begin();
    for (let minutes = 0; minutes < 600; minutes += 25) {
      expect(tokenOf(used), `${minutes}`).to.equal(TOKEN);
      clock.ms += 25 * MINUTE;
      if (minutes === 25) expect(tokenOf(cookie)).to.equal(undefined);
    }
    clock.ms += MINUTE;
    expect(tokenOf(used)).to.equal(undefined);
  });

  it('is one of eight of its holder, the oldest of which ends, and of nobody else', () => {
    const { begin, tokenOf, sessions } = opened();
    const other = begin('other');
    const mine = Array.from({ length: 9 }, () => begin());
    expect(mine.map(tokenOf)).to.deep.equal([undefined, ...Array.from({ length: 8 }, () => TOKEN)]);
    expect(tokenOf(other)).to.equal(TOKEN);
    expect(sessions.of('holder')).to.have.length(8);
    expect(sessions.endAll('holder')).to.equal(8);
    expect(mine.map(tokenOf)).to.deep.equal(mine.map(() => undefined));
    expect(tokenOf(other)).to.equal(TOKEN);
  });

  it('is found among other cookies, by its whole secret and under its own name', () => {
    const { begin, tokenOf } = opened();
    const cookie = begin();
    expect(tokenOf(`theme=dark; ${cookie}; other=1`)).to.equal(TOKEN);
    for (const wrong of [cookie.slice(0, -1), `${cookie}A`, cookie.replace('__Host-', ''), `x${cookie}`, ''])
      expect(tokenOf(wrong), wrong).to.equal(undefined);
  });

  it('refuses what another site asked for, and is not used by it', () => {
    const { clock, begin, sessions, tokenOf } = opened();
    const cookie = begin();
    clock.ms += 20 * MINUTE;
    for (const site of ['cross-site', 'same-site', 'none', undefined])
      expect(() => sessions.tokenOf({ cookie, 'sec-fetch-site': site })).to.throw();
    clock.ms += 20 * MINUTE;
    expect(tokenOf(cookie)).to.equal(undefined);
  });

  it('does nothing for a page that was made for somebody else, and is not used by it', () => {
    const { clock, begin, sessions } = opened();
    const cookie = begin('now');
    const tokenFor = (holder?: string) =>
      sessions.tokenOf({ cookie, 'sec-fetch-site': 'same-origin', 'x-session-holder': holder });
    expect(tokenFor('now')).to.equal(TOKEN);
    clock.ms += 20 * MINUTE;
    for (const holder of ['before', '', 'now, before'])
      expect(() => tokenFor(holder), holder)
        .to.throw()
        .with.property('code', 'session-of-another');
    clock.ms += 20 * MINUTE;
    expect(tokenFor('now')).to.equal(undefined);
  });
});
