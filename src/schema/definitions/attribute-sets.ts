/** Attributes that object classes allow together (X.520 6). */

export const telecommunication = [
  'x121Address',
  'registeredAddress',
  'destinationIndicator',
  'preferredDeliveryMethod',
  'telexNumber',
  'teletexTerminalIdentifier',
  'telephoneNumber',
  'internationalISDNNumber',
  'facsimileTelephoneNumber',
] as const

export const postal = [
  'street',
  'postOfficeBox',
  'postalCode',
  'postalAddress',
  'physicalDeliveryOfficeName',
] as const
