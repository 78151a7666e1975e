/** What `vitrine/ldap` offers: the LDAP protocol alone, with nothing of the gateway. */
export { BerReader } from './ber-reader.js'
export { BerWriter } from './ber-writer.js'
export { certificateSubject } from './certificate-subject.js'
export { LdapClient } from './client.js'
export type {
  AnswerOptions,
  ClientAttribute,
  ClientChange,
  ClientOptions,
  OperationOptions,
  PagedSearchOptions,
  SearchOptions,
  SearchResult,
} from './client-options.js'
export type { SearchStream } from './client-search.js'
export { secured, startTls, type TlsOptions } from './client-tls.js'
export {
  type ListViewRequest,
  type ListViewResponse,
  type ListViewTarget,
  listViewCode,
  listViewRequestControl,
  listViewResponseControl,
  parseListViewRequest,
  parseListViewResponse,
} from './controls/list-view.js'
export {
  domainScopeControl,
  dontUseCopyControl,
  parseSearchOptions,
  parseSubentries,
  searchOptionsControl,
  subentriesControl,
} from './controls/search-flags.js'
export { parseValuesFilter, type ValueFilter, valuesFilterControl } from './controls/values-filter.js'
export {
  noOpControl,
  parseReadRequest,
  parseReadResponse,
  postReadControl,
  preReadControl,
  type ReadEntry,
  readResponseControl,
  treeDeleteControl,
} from './controls/write.js'
export {
  assertionControl,
  controlType,
  findControl,
  manageDsaITControl,
  type PagedResults,
  pagedResultsControl,
  parseAssertion,
  parsePagedResults,
  parseProxiedAuthorization,
  parseSortRequest,
  parseSortResponse,
  proxiedAuthorizationControl,
  type SortKey,
  type SortResult,
  sortRequestControl,
  sortResponseControl,
} from './controls.js'
export { decodeMessage } from './decode.js'
export {
  type AttributeTypeAndValue,
  escapeRdnValue,
  formatDn,
  formatRdn,
  parseDn,
  parseRdn,
  type Rdn,
} from './dn.js'
export { encodeMessage, writeMessage } from './encode.js'
export {
  type AbortReason,
  BerError,
  DnError,
  FilterSyntaxError,
  LdapError,
  MessageError,
  OperationAborted,
} from './errors.js'
export type {
  AssertionFilter,
  ExtensibleFilter,
  FilterLimits,
  LdapFilter,
  NotFilter,
  PresentFilter,
  SetFilter,
  SubstringsFilter,
} from './filter.js'
export { escapeFilterValue, type FilterTextOptions, formatFilter, parseFilter } from './filter-text.js'
export { Framer } from './framing.js'
export type {
  Connection,
  LdapHandlers,
  LdapServerOptions,
  Operation,
  RecalledAnswer,
  SearchWriter,
} from './handlers.js'
export type {
  AbandonRequest,
  AddRequest,
  AddResponse,
  AliasDereferencing,
  Attribute,
  BindRequest,
  BindResponse,
  BindResult,
  Change,
  CompareRequest,
  CompareResponse,
  Control,
  DelRequest,
  DelResponse,
  ExtendedRequest,
  ExtendedResponse,
  ExtendedResult,
  IntermediateResponse,
  LdapMessage,
  LdapRequest,
  LdapResponse,
  LdapResult,
  ModifyDnRequest,
  ModifyDnResponse,
  ModifyOperation,
  ModifyRequest,
  ModifyResponse,
  OutgoingAttribute,
  ResultMessage,
  SaslAuthentication,
  SearchRequest,
  SearchResultDone,
  SearchResultEntry,
  SearchResultReference,
  SearchScope,
  SimpleAuthentication,
  UnbindRequest,
} from './message.js'
export {
  PASSWORD_MODIFY,
  type PasswordModify,
  parseGeneratedPassword,
  parsePasswordModify,
  passwordModifyRequest,
  passwordModifyResponse,
} from './password-modify.js'
export { encodeEntry } from './recall.js'
export { type ResultCodeName, resultCode, resultCodeName } from './result-code.js'
export { type PlainCredentials, parsePlainCredentials } from './sasl-plain.js'
export { createLdapServer, type LdapServer, type ListenAddress, type ListenOptions } from './server.js'
export type { ServerTlsOptions } from './server-tls.js'
export { cancelRequestValue, sessionOperation } from './session-operations.js'
