import type { RefusalRow } from './row.ts';

const EXPORT_AGAIN = 'Export the file again as UTF-8; nothing was changed.';
const CORRECT_LINE = 'Correct the line and send the file again.';
const CORRECT_SHAPE = 'Have the shape corrected by who surveyed it; the gateway repairs none.';
const WHICH_IS_RIGHT = 'Find out which line is right, take the others out, and send the file again.';

/** What a file of parcels, people or entitlements is refused for, whole or line by line. */
export const fileRefusals = {
  'file-empty': {
    kind: 'malformed',
    message: 'The file is empty, or holds nothing below its first line.',
    remedy: EXPORT_AGAIN,
  },
  'file-too-large': {
    kind: 'exhausted',
    message: 'The file is larger than {limitBytes} bytes.',
    remedy: 'Send it in parts.',
    rule: 'CS3',
  },
  'file-too-many-lines': {
    kind: 'exhausted',
    message: 'The file has more than {limit} lines of data.',
    remedy: 'Send it in parts.',
    rule: 'CS3',
  },
  'file-not-utf8': {
    kind: 'malformed',
    message: 'The file is in UTF-16 and must be in UTF-8.',
    remedy: EXPORT_AGAIN,
  },
  'file-malformed': {
    kind: 'malformed',
    message: 'The file is not well-formed JSON from this line on, or is cut short here.',
    remedy: EXPORT_AGAIN,
  },
  'file-nested-too-deep': {
    kind: 'malformed',
    message: 'The file nests deeper than {limit} levels.',
    remedy: 'Send a plain feature collection of polygons.',
    rule: 'CS3',
  },
  'file-has-refused-lines': {
    kind: 'invalid',
    message: '{count} lines are refused, and this operation takes all lines or none.',
    remedy: 'Correct the lines and send the whole file again; nothing was changed.',
  },
  'parcels-none-good': {
    kind: 'invalid',
    message: 'No parcel of the file can be registered.',
    remedy: 'Correct the lines for the reasons given, or take another file; nothing was recorded.',
  },
  'people-none-good': {
    kind: 'invalid',
    message: 'Nobody in the file can be enrolled.',
    remedy: 'Correct the lines for the reasons given, or take another file; nobody was enrolled.',
  },
  'column-missing': {
    kind: 'invalid',
    message: 'No column holds the {column}. Names that are known, whatever their case and spaces: {known}.',
    remedy: 'Give the column one of these names, and check the separator and the first line of the file.',
  },
  'column-ambiguous': {
    kind: 'invalid',
    message: 'More than one column could hold the {column}.',
    remedy: 'Name the right one in the settings.',
  },
  'text-not-utf8': {
    kind: 'malformed',
    message: 'The field has characters that were lost in a conversion.',
    remedy: EXPORT_AGAIN,
  },
  'text-malformed': {
    kind: 'malformed',
    message: 'The field has control characters or half characters.',
    remedy: CORRECT_LINE,
  },
  'text-too-long': {
    kind: 'exhausted',
    message: 'The field is longer than any name or number is.',
    remedy: CORRECT_LINE,
    rule: 'CS3',
  },
  'geojson-not-collection': {
    kind: 'malformed',
    message: 'The file is not a GeoJSON feature collection.',
    remedy: 'Export the parcels as one GeoJSON `FeatureCollection`.',
    rule: 'RFC 7946',
  },
  'crs-unsupported': {
    kind: 'invalid',
    message: 'The coordinates are not stated to be longitude and latitude on WGS 84.',
    remedy: 'Export the parcels again in WGS 84 (EPSG:4326, CRS84).',
    rule: 'RFC 7946',
  },
  'feature-malformed': {
    kind: 'malformed',
    message: 'This is not a GeoJSON feature with properties and a geometry.',
    remedy: CORRECT_LINE,
    rule: 'RFC 7946',
  },
  'field-repeated': {
    kind: 'malformed',
    message: 'A field stands twice, or under a name that readers take differently.',
    remedy: 'Name every field once: two readers would otherwise see two different parcels.',
  },
  'number-unreadable': {
    kind: 'malformed',
    message: 'A number is larger or finer than readers keep.',
    remedy: 'Write long numbers as text, in quotes.',
  },
  'property-malformed': {
    kind: 'invalid',
    message: 'The property is neither text nor a whole number.',
    remedy: CORRECT_LINE,
  },
  'geometry-empty': {
    kind: 'invalid',
    message: 'The parcel has no shape.',
    remedy: CORRECT_SHAPE,
  },
  'geometry-unsupported': {
    kind: 'invalid',
    message: 'The shape is not a polygon or multi-polygon of rings of positions.',
    remedy: 'Export the parcels as polygons or multi-polygons.',
    rule: 'RFC 7946',
  },
  'position-malformed': {
    kind: 'malformed',
    message: 'A position is not longitude and latitude, with a height or without.',
    remedy: CORRECT_SHAPE,
    rule: 'RFC 7946',
  },
  'coordinates-exchanged': {
    kind: 'invalid',
    message: 'Latitude and longitude are exchanged.',
    remedy: 'Export the parcels with longitude first.',
    rule: 'RFC 7946',
  },
  'coordinates-not-degrees': {
    kind: 'invalid',
    message: 'The coordinates are not degrees: they are likely those of a projection.',
    remedy: 'Export the parcels again in WGS 84 (EPSG:4326, CRS84).',
    rule: 'RFC 7946',
  },
  'coordinates-outside': {
    kind: 'invalid',
    message: 'The shape lies outside the area this office is set up for.',
    remedy: 'Check the coordinate system of the export, or the area in the settings.',
  },
  'ring-not-closed': {
    kind: 'invalid',
    message: 'A ring does not end where it starts.',
    remedy: CORRECT_SHAPE,
    rule: 'RFC 7946',
  },
  'ring-too-short': {
    kind: 'invalid',
    message: 'A ring has fewer than three corners.',
    remedy: CORRECT_SHAPE,
    rule: 'RFC 7946',
  },
  'shape-too-detailed': {
    kind: 'exhausted',
    message: 'The shape has more corners than any surveyed one.',
    remedy: CORRECT_SHAPE,
    rule: 'CS3',
  },
  'shape-too-wide': {
    kind: 'invalid',
    message: 'The shape is wider than a degree, or crosses the date line.',
    remedy: CORRECT_SHAPE,
  },
  'shape-crosses-itself': {
    kind: 'invalid',
    message: 'The border crosses or touches itself.',
    remedy: CORRECT_SHAPE,
  },
  'shape-hole-outside': {
    kind: 'invalid',
    message: 'A hole lies outside the shape it is cut from.',
    remedy: CORRECT_SHAPE,
  },
  'shape-parts-overlap': {
    kind: 'invalid',
    message: 'Two rings of the shape lie on one another.',
    remedy: CORRECT_SHAPE,
  },
  'shape-disconnected': {
    kind: 'invalid',
    message: 'Holes cut a part in pieces.',
    remedy: 'Draw the pieces as parts of a multi-polygon.',
  },
  'parcel-too-small': {
    kind: 'invalid',
    message: 'The parcel, or a part of it, is smaller than {leastM2} m2.',
    remedy: CORRECT_SHAPE,
  },
  'parcel-overlaps': {
    kind: 'conflict',
    message: 'The parcel and another of this file share more than {mostM2} m2 of ground.',
    remedy: WHICH_IS_RIGHT,
    rule: 'UL2',
  },
  'parcel-overlaps-registered': {
    kind: 'conflict',
    message: 'The parcel and one already on the cadastre share more than {mostM2} m2 of ground.',
    remedy: 'Have the boundary between the two settled; what is on the cadastre stands until then.',
    rule: 'UL2',
  },
  'parcel-number-missing': {
    kind: 'invalid',
    message: 'The parcel has no number.',
    remedy: CORRECT_LINE,
  },
  'parcel-number-repeated': {
    kind: 'conflict',
    message: 'The parcel number stands on {lines} lines of this file.',
    remedy: WHICH_IS_RIGHT,
  },
  'parcel-number-registered': {
    kind: 'conflict',
    message: 'The parcel number is already on the cadastre.',
    remedy: 'Take the line out if it is the same parcel; give it its own number if it is another.',
  },
  'replaced-parcel-missing': {
    kind: 'invalid',
    message: 'A parcel to be replaced is not on the cadastre of this office, or stands no more.',
    remedy: 'Name the parcels that stand now, by their numbers as the office wrote them.',
    rule: 'UL2',
  },
  'survey-replaces-others': {
    kind: 'conflict',
    message: 'The parcel was surveyed to take the ground of other units than the ones that end here.',
    remedy: 'Name the units it replaces, or have it surveyed as replacing exactly those that end.',
    rule: 'UL2',
  },
  'stated-area-malformed': {
    kind: 'invalid',
    message: 'The stated area is not a number of zero or more with a decimal point.',
    remedy: CORRECT_LINE,
  },
  'separator-unclear': {
    kind: 'malformed',
    message: 'The first line does not show which of semicolon, comma and tab separates the columns.',
    remedy: "Name the separator in the settings, and check that the first line holds the columns' names.",
  },
  'quote-misplaced': {
    kind: 'malformed',
    message: 'The row that starts on this line has a quote out of place, or one that is never closed.',
    remedy:
      'Put fields with quotes in quotes and double the quotes inside; behind a stray one no row is certain.',
    rule: 'RFC 4180',
  },
  'row-ragged': {
    kind: 'malformed',
    message: 'The row has {found} fields and the first line of the file has {expected}.',
    remedy: CORRECT_LINE,
  },
  'declared-count-differs': {
    kind: 'invalid',
    message: '{declared} lines were declared and {found} were read.',
    remedy: 'Check that the file arrived whole, or declare what it holds; nothing was changed.',
  },
  'declared-total-differs': {
    kind: 'invalid',
    message: '{declared} units were declared and {found} could be read.',
    remedy: 'Check that the file arrived whole, or declare what it holds; nothing was changed.',
  },
  'value-mangled': {
    kind: 'invalid',
    message: 'A spreadsheet has rounded the number, or put a failed formula in its place.',
    remedy: 'Format the column as text in the spreadsheet, enter the value again, and export again.',
  },
  'person-unidentified': {
    kind: 'invalid',
    message: 'The line has neither a name, nor a phone, nor an id to find the person by.',
    remedy: 'Give at least a name; no document is needed.',
    rule: 'AA6',
  },
  'person-id-missing': {
    kind: 'invalid',
    message: 'The line does not say whose entitlement it is.',
    remedy: CORRECT_LINE,
  },
  'person-id-repeated': {
    kind: 'conflict',
    message: 'The same person stands on {lines} lines of this roll.',
    remedy: WHICH_IS_RIGHT,
  },
  'person-enrolled-twice': {
    kind: 'conflict',
    message: 'The person is enrolled where another person of this roll is.',
    remedy: WHICH_IS_RIGHT,
  },
  'national-id-missing': {
    kind: 'invalid',
    message: 'The line has no national id, and this programme asks for one.',
    remedy: 'Add the id, or have the programme ask for none.',
    rule: 'AA6',
  },
  'national-id-repeated': {
    kind: 'conflict',
    message: 'The same national id stands on {lines} lines of this file.',
    remedy: WHICH_IS_RIGHT,
  },
  'phone-missing': {
    kind: 'invalid',
    message: 'The line has no phone, and this programme asks for one.',
    remedy: 'Add the phone, or have the programme ask for none.',
  },
  'phone-malformed': {
    kind: 'invalid',
    message: 'The phone is not a number that can be dialled.',
    remedy: 'Correct the phone, or leave it out: money sent to a wrong one reaches somebody else.',
  },
  'units-missing': {
    kind: 'invalid',
    message: 'The line has no units.',
    remedy: CORRECT_LINE,
  },
  'units-not-whole': {
    kind: 'invalid',
    message: 'The units are not a whole number in plain digits.',
    remedy: CORRECT_LINE,
  },
  'units-not-positive': {
    kind: 'invalid',
    message: 'The units are zero or fewer.',
    remedy: 'Correct the line; a person is taken off a list by a decision of its own.',
    rule: 'AA3',
  },
  'units-too-large': {
    kind: 'exhausted',
    message: 'The units are more than 24 bits hold.',
    remedy: 'Correct the line, or count in a larger unit.',
  },
  'units-exceed-entry': {
    kind: 'exhausted',
    message: 'The units are more than the {most} that an entry of this cycle holds.',
    remedy: 'Use entries of four bytes, or count in a larger unit.',
  },
} as const satisfies Record<string, RefusalRow>;
