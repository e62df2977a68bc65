import { expect } from 'chai';
import type { Polygon, Ring } from '../../../../server/domain/survey/parcelAlias.ts';
import { parcelAlias, parseParcelAlias } from '../../../../server/domain/survey/parcelAlias.ts';

const SQUARE: Ring = [37.1, -0.9, 37.101, -0.9, 37.101, -0.899, 37.1, -0.899, 37.1, -0.9];
const HOLE: Ring = [37.1004, -0.8996, 37.1006, -0.8996, 37.1005, -0.8994, 37.1004, -0.8996];
const OTHER: Ring = [37.2, -0.9, 37.201, -0.9, 37.2, -0.899, 37.2, -0.9];
const ALPHABET = '0123456789ABCDEFGHJKMNPQRTVWXYZ';

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

function vertices(ring: Ring): [number, number][] {
  return Array.from({ length: ring.length / 2 - 1 }, (_, i) => [ring[2 * i] ?? 0, ring[2 * i + 1] ?? 0]);
}

/** The same ring told in another way: other start, other direction, vertices repeated, noise below the quantum. */
function retold(ring: Ring, random: () => number): Ring {
  const list = vertices(ring);
  const start = Math.floor(random() * list.length);
  const turned = [...list.slice(start), ...list.slice(0, start)];
  if (random() < 0.5) turned.reverse();
  const repeated = turned.flatMap((vertex) => (random() < 0.3 ? [vertex, vertex, vertex] : [vertex]));
  const noisy = repeated.map(([x, y]): [number, number] => [
    Math.round(x * 1e7) / 1e7 + (random() - 0.5) * 8e-8,
    Math.round(y * 1e7) / 1e7 + (random() - 0.5) * 8e-8,
  ]);
  return [...noisy, noisy[0] ?? [0, 0]].flat();
}

function star(random: () => number): Ring {
  const count = 3 + Math.floor(random() * 30);
  const ring = Array.from({ length: count }, (_, i) => {
    const [angle, radius] = [(2 * Math.PI * i) / count, 0.0002 + random() * 0.001];
    return [20 + radius * Math.cos(angle), -3 + radius * Math.sin(angle)];
  });
  return [...ring, ring[0] ?? []].flat();
}

describe('the id computed from a parcel’s vertices', () => {
  it('is 14 letters and digits, and these very ones for ever (UL1, UL3)', () => {
    expect(parcelAlias([[SQUARE]])).to.equal('1AKJ8181ZDKF84');
    expect(parcelAlias([[SQUARE, HOLE], [OTHER]])).to.equal('11MNT4EXWFDNGP');
    expect(parcelAlias([[SQUARE]])).to.match(/^[0-9A-Z]{14}$/);
  });

  it('is the same for the same shape however it is told (UL1)', () => {
    const random = seeded(7);
    for (let n = 0; n < 500; n++) {
      const parts: Polygon[] = [[star(random), HOLE, OTHER], [SQUARE], [star(random)]];
      const [shell, ...holes] = parts[0] ?? [SQUARE];
      const again: Polygon[] = [
        [retold(parts[2]?.[0] ?? SQUARE, random)],
        [retold(shell, random), ...holes.toReversed().map((hole) => retold(hole, random))],
        [retold(SQUARE, random)],
      ];
      expect(parcelAlias(again)).to.equal(parcelAlias(parts));
    }
  });

  it('is another for another shape', () => {
    const random = seeded(11);
    const ids = new Set<string>();
    for (let n = 0; n < 500; n++) ids.add(parcelAlias([[star(random)]]));
    const moved = SQUARE.map((value, i) => (i === 2 ? value + 1e-7 : value));
    const asParts = [[SQUARE], [HOLE]] as const;
    for (const parts of [[[SQUARE]], [[moved]], [[SQUARE, HOLE]], asParts] as const)
      ids.add(parcelAlias(parts));
    expect(ids.size).to.equal(504);
  });

  it('is the same for a ring that passes one vertex twice, whichever start is told', () => {
    const eight = [0, 0, 2e-3, 1e-3, 4e-3, 0, 4e-3, 2e-3, 2e-3, 1e-3, 0, 2e-3, 0, 0];
    const list = vertices(eight);
    const ids = list.flatMap((_, start) => {
      const turned = [...list.slice(start), ...list.slice(0, start)];
      return [turned, turned.toReversed()].map((way) => parcelAlias([[[...way, way[0] ?? [0, 0]].flat()]]));
    });
    expect(new Set(ids).size).to.equal(1);
  });

  it('notices every wrong character and every two exchanged: all places, all characters (UL2)', () => {
    let tried = 0;
    for (const [place, digit] of everyDigit()) {
      const id = idWith([[place, digit]]);
      expect(parseParcelAlias(id), id).to.equal(id);
      for (const wrong of ALPHABET) {
        if (wrong === digit) continue;
        expect(parseParcelAlias(id.slice(0, place) + wrong + id.slice(place + 1))).to.equal(undefined);
        tried += 1;
      }
    }
    for (let place = 1; place < 12; place++) {
      for (const first of ALPHABET) {
        for (const second of ALPHABET) {
          if (first === second) continue;
          const id = idWith([
            [place, first],
            [place + 1, second],
          ]);
          const exchanged = id.slice(0, place) + second + first + id.slice(place + 2);
          expect(parseParcelAlias(exchanged)).to.equal(undefined);
          tried += 1;
        }
      }
    }
    const random = seeded(3);
    for (let n = 0; n < 500; n++) {
      const id = parcelAlias([[star(random)]]);
      const last = id.slice(0, 12) + (id[13] ?? '') + (id[12] ?? '');
      if (last !== id) expect(parseParcelAlias(last)).to.equal(undefined);
      tried += 1;
    }
    expect(tried).to.equal(12 * 31 * 30 + 11 * 31 * 30 + 500);
  });

  it('is read with spaces and in lower case, and not with letters it never has', () => {
    const id = parcelAlias([[SQUARE]]);
    expect(parseParcelAlias(` ${id.slice(0, 5).toLowerCase()} ${id.slice(5)} `)).to.equal(id);
    for (const text of ['', id.slice(1), `${id}0`, `2${id.slice(1)}`, `${id.slice(0, 4)}S${id.slice(5)}`]) {
      expect(parseParcelAlias(text)).to.equal(undefined);
    }
  });
});

function everyDigit(): [number, string][] {
  return Array.from({ length: 12 }, (_, i) =>
    [...ALPHABET].map((digit): [number, string] => [i + 1, digit]),
  ).flat();
}

/** A right id with the wanted characters at their places and zeros elsewhere. */
function idWith(wanted: readonly (readonly [number, string])[]): string {
  const body = [...`1${'0'.repeat(12)}`];
  for (const [place, digit] of wanted) body[place] = digit;
  const found = [...ALPHABET]
    .map((check) => body.join('') + check)
    .find((id) => parseParcelAlias(id) !== undefined);
  return found ?? '';
}
