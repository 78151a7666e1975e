/** Which texts the string syntaxes of RFC 4517 3.3 accept, each as strictly as OpenLDAP validates it. */
import { isDn, splitNameAndUid } from './dn-value.js'
import { uuidOf } from './scalars.js'

const PRINTABLE = "[A-Za-z0-9'()+,./:? =-]"
const OID = /^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))+$/
const DESCRIPTOR = /^[A-Za-z][A-Za-z0-9-]*$/

const IA5 = /^[^\u0080-\uffff]*$/
const PRINTABLE_STRING = new RegExp(`^${PRINTABLE}+$`)
const PRINTABLE_STRINGS = new RegExp(`^${PRINTABLE}+(?:\\$${PRINTABLE}+)*$`)
const COUNTRY = new RegExp(`^${PRINTABLE}{2}$`)
const NUMERIC = /^[0-9 ]+$/
const CSN = /^\d{14}(?:\.\d{6})?Z#[0-9A-Fa-f]{6}#[0-9A-Fa-f]{3}#[0-9A-Fa-f]{6}$/
const BAD_POSTAL_ESCAPE = /\\(?!24|5[Cc])/
const DELIVERY_METHOD = 'any|mhs|physical|telex|teletex|g3fax|g4fax|ia5|videotex|telephone'
const DELIVERY_METHODS = new RegExp(`^(?:${DELIVERY_METHOD})(?: *\\$ *(?:${DELIVERY_METHOD}))*$`, 'i')
const CERTIFICATE_ASSERTION =
  /^\{ *(?:serialNumber +-?\d+ *, *issuer +rdnSequence *: *".*"|issuer +rdnSequence *: *".*" *, *serialNumber +-?\d+) *\}$/s
const NETGROUP_TRIPLE = /^\((?:[A-Za-z0-9.;-]*,){2}[A-Za-z0-9.;-]*\)$/
const BOOT_PARAMETER = new RegExp(`^[A-Za-z0-9.;-]*=[A-Za-z0-9.;-]*:${PRINTABLE}*$`)

export const isAnyText = (_text: string) => true
export const isDirectoryString = (text: string) => text !== ''
export const isIA5String = (text: string) => IA5.test(text)
export const isPrintableString = (text: string) => PRINTABLE_STRING.test(text)
/** Printable strings between `$`: fax and telex numbers. */
export const isPrintableStrings = (text: string) => PRINTABLE_STRINGS.test(text)
export const isCountryString = (text: string) => COUNTRY.test(text)
export const isNumericString = (text: string) => NUMERIC.test(text)
export const isUuid = (text: string) => uuidOf(text) !== undefined
/** OpenLDAP's change sequence number: time, count, server and modification, separated by `#`. */
export const isCsn = (text: string) => CSN.test(text)
export const isPostalAddress = (text: string) => !BAD_POSTAL_ESCAPE.test(text)
export const isDeliveryMethod = (text: string) => DELIVERY_METHODS.test(text)
export const isNetgroupTriple = (text: string) => NETGROUP_TRIPLE.test(text)
export const isBootParameter = (text: string) => BOOT_PARAMETER.test(text)
export const isOidOrDescriptor = (text: string) => OID.test(text) || DESCRIPTOR.test(text)
/** Serial number and issuer (RFC 4523 2.5), or as OpenLDAP has them too, with `$` between. */
export const isCertificateAssertion = (text: string) => {
  const [, issuer] = /^\d+\$(.+)$/s.exec(text) ?? []
  return issuer === undefined ? CERTIFICATE_ASSERTION.test(text) : isDn(issuer)
}
export const isNameAndOptionalUid = (text: string) => isDn(splitNameAndUid(text).dn)
