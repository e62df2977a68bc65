/** A device becomes a till: from the link of its agency to the record that two officers sign. */

import { fingerprint, readTrust } from '../../server/domain/audit/trust.ts';
import { keyOfTill } from '../../server/domain/benefits/deviceKeys.ts';
import { type LinkOfTill, readTillLink } from '../../server/domain/benefits/tillLink.ts';
import { recordOfTill } from '../../server/domain/benefits/tillRecord.ts';
import { element, gap, idText, type Voice } from '../page/dom.ts';
import { button, inputField, pinIn } from '../page/forms.ts';
import type { Kept } from './kept.ts';
import { lock } from './lockBox.ts';
import { form } from './parts.ts';
import { Found } from './why.ts';

/** The one kind that every ledger takes of a till. */
const KEY_KIND = 'secp256k1';
const PIN_LEAST = 6;

/** What the address has behind its #, which is sent to nobody; undefined where it is no link of a till. */
export function linkIn(hash: string): LinkOfTill | undefined {
  return hash.startsWith('#till=') ? readTillLink(hash) : undefined;
}

export function enrolNodes(
  voice: Voice,
  link: LinkOfTill,
  kept: Kept,
  done: () => Promise<void>,
): readonly Node[] {
  const { vendor, till, trust: text } = link;
  const trust = readTrust(text);
  const token = inputField(voice, {
    name: 'token',
    label: 'till.enrol.token',
    hint: 'till.enrol.tokenHint',
    type: 'password',
  });
  const pin = inputField(voice, {
    name: 'pin',
    label: 'till.enrol.pin',
    hint: 'till.enrol.pinHint',
    type: 'password',
  });
  const again = inputField(voice, { name: 'again', label: 'till.enrol.again', type: 'password' });
  const make = async () => {
    const [first, second] = [pinIn(pin.input.value), pinIn(again.input.value)];
    if (first.length < PIN_LEAST) throw new Found('till.enrol.pinShort');
    if (first !== second) throw new Found('till.enrol.pinDiffers');
    if (token.input.value.trim() === '') throw new Found('till.enrol.noToken');
    const seed = crypto.getRandomValues(new Uint8Array(32));
    const key = keyOfTill(seed, { genesisHash: trust.genesisHash, vendor, till }, KEY_KIND);
    const shown = recordOfTill(trust, { vendor, till }, key);
    key.privateKey.fill(0);
    const box = await lock({ seed, token: token.input.value.trim() }, first);
    seed.fill(0);
    const { keyKind, keyId } = shown;
    const record = `${JSON.stringify(shown, undefined, 2)}\n`;
    await kept.keepTill({ vendor, till, keyKind, keyId, trust: text, record, box });
    history.replaceState(null, '', location.pathname);
    await done();
  };
  return [
    element('p', {}, voice.said('till.enrol.text')),
    element(
      'dl',
      {},
      ...(
        [
          ['till.shop', idText(vendor)],
          ['till.number', idText(voice.speaker.number(till))],
          ['till.fingerprint', idText(fingerprint(trust))],
        ] as const
      ).map(([label, value]) =>
        element('div', {}, element('dt', {}, voice.said(label)), element('dd', {}, value)),
      ),
    ),
    element('p', { class: 'hint' }, voice.said('till.enrol.compare')),
    form(voice, [token.node, pin.node, again.node], [button(voice, 'till.enrol.make', undefined)], make),
  ];
}

/** While the two officers have not signed. */
export function waitingNodes(
  voice: Voice,
  record: { readonly vendor: string; readonly till: number; readonly keyId: string },
  keepRecord: () => void,
  lookAgain: () => Promise<void>,
): readonly Node[] {
  return [
    element('p', {}, voice.said('till.waiting.text')),
    element('p', { class: 'code' }, idText(record.keyId)),
    form(voice, [], [button(voice, 'till.waiting.look', undefined), gapButton(voice, keepRecord)], lookAgain),
  ];
}

const gapButton = (voice: Voice, click: () => void): HTMLElement =>
  element('span', {}, gap(), button(voice, 'till.waiting.file', click));
