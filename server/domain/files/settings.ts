/**
 * How one office's file is to be read: what an officer says in the request, or keeps under a name.
 *
 * Promises: of two settings the later one counts field by field, so that a request is more exact than the profile it
 * names. The profiles that come with the gateway are those of systems whose files are alike everywhere: they name
 * columns a file may have, and refuse none that lacks one. Pure; `http` parses them, the readers of files obey them.
 */
import type { Extent } from '../survey/geometry.ts';
import type { ParcelField } from '../survey/parcelNames.ts';
import type { AreaUnit } from '../survey/statedArea.ts';
import type { FileAnswer } from './answers.ts';
import type { Separator } from './csv.ts';
import type { NameOrder } from './nameParts.ts';
import type { PersonField } from './registrations.ts';
import type { RollField } from './roll.ts';
import type { Charset } from './text.ts';

export type FileField = PersonField | RollField | ParcelField;

export interface FileSettings {
  /** Of each field the exact name of its column, its place from 1, the names it may have, or null where it is not to be read. */
  readonly columns?:
    | Readonly<Partial<Record<FileField, string | number | readonly string[] | null>>>
    | undefined;
  readonly separator?: Separator | undefined;
  readonly charset?: Charset | undefined;
  /** Of a workbook: its name, or the first one. */
  readonly sheet?: string | undefined;
  readonly areaUnit?: AreaUnit | undefined;
  /** An EPSG code or PROJ text. */
  readonly projection?: string | undefined;
  /** The county or region around all parcels of the file. */
  readonly district?: string | undefined;
  /** Where the office's parcels lie: west, south, east, north. */
  readonly within?: Extent | undefined;
  readonly callingCode?: string | undefined;
  /** Of names that stand in several columns. */
  readonly nameOrder?: NameOrder | undefined;
  readonly answers?: readonly FileAnswer[] | undefined;
}

/** The later one counts, field by field and column by column. */
export function mergeSettings(...all: readonly FileSettings[]): FileSettings {
  const merged = {};
  const columns = {};
  for (const settings of all) {
    const { columns: some, ...rest } = settings;
    for (const [name, value] of Object.entries(rest))
      if (value !== undefined) Object.assign(merged, { [name]: value });
    Object.assign(columns, some);
  }
  return Object.assign(merged, { columns });
}

/** By the name a request gives; names of offices' own profiles are told from these by their institution. */
export const BUILT_IN_PROFILES: Readonly<
  Record<string, { readonly of: string; readonly settings: FileSettings }>
> = {
  'stellar-disbursement-platform': {
    of: 'Stellar Disbursement Platform: instructions of a disbursement',
    settings: {
      separator: ',',
      columns: {
        phone: ['phone'],
        agencyId: ['id'],
        personId: ['id'],
        units: ['amount'],
        name: null,
      },
    },
  },
  '121': {
    of: '121 platform: registrations and payment instructions',
    settings: {
      columns: {
        agencyId: ['referenceId', 'registrationProgramId', 'personAffectedSequence'],
        personId: ['referenceId', 'registrationProgramId', 'personAffectedSequence'],
        phone: ['phoneNumber', 'whatsappPhoneNumber'],
        name: ['fullName'],
        language: ['preferredLanguage'],
        units: ['paymentAmountMultiplier', 'transferValue', 'amount'],
      },
    },
  },
  'payment-hub-ee': {
    of: 'Payment Hub EE: bulk transactions of a batch',
    settings: {
      separator: ',',
      columns: {
        agencyId: ['payee_identifier'],
        personId: ['payee_identifier'],
        phone: ['payee_msisdn'],
        name: ['payee_name', 'payee'],
        units: ['amount'],
      },
    },
  },
  'kobo-odk': {
    of: 'KoboToolbox, ODK Central and other XLSForm exports',
    settings: {
      columns: {
        agencyId: ['_uuid', 'meta/instanceID', 'meta-instanceID', 'instanceID', 'KEY'],
        personId: ['_uuid', 'meta/instanceID', 'meta-instanceID', 'instanceID', 'KEY'],
      },
    },
  },
  hxl: {
    of: 'Files with a row of HXL hashtags, which are read with or without this profile',
    settings: {},
  },
};
