/**
 * Writes whole LDAP messages. Requests and any message by its type here; what a server writes a million times
 * over has its own functions in `encode-response.ts`.
 */
import { BerWriter } from './ber-writer.js'
import {
  writeControls,
  writeEntry,
  writeIntermediate,
  writeReference,
  writeResult,
} from './encode-response.js'
import { writeFilter } from './filter-ber.js'
import {
  type Attribute,
  aliasDereferencings,
  type LdapMessage,
  type LdapRequest,
  type LdapResponse,
  modifyOperations,
  searchScopes,
} from './message.js'
import * as tags from './tags.js'

const scratch = new BerWriter(Buffer.allocUnsafeSlow(4096))
const LARGEST_SCRATCH = 1024 * 1024

/** The octets of one message, in a buffer of their own. */
export function encodeMessage(message: LdapMessage): Buffer {
  scratch.reset()
  writeMessage(scratch, message)
  const octets = Buffer.from(scratch.bytes())
  if (scratch.buffer.length > LARGEST_SCRATCH) scratch.reset(Buffer.allocUnsafeSlow(4096))
  return octets
}

/** Appends one message to what the writer holds. */
export function writeMessage(writer: BerWriter, message: LdapMessage): void {
  switch (message.op) {
    case 'searchResultEntry':
      writeEntry(writer, message.messageId, message.dn, message.attributes, message.controls)
      return
    case 'searchResultReference':
      writeReference(writer, message.messageId, message.uris, message.controls)
      return
    case 'intermediateResponse':
      writeIntermediate(writer, message.messageId, message.name, message.value, message.controls)
      return
    case 'bindResponse':
    case 'searchResultDone':
    case 'modifyResponse':
    case 'addResponse':
    case 'delResponse':
    case 'modifyDnResponse':
    case 'compareResponse':
    case 'extendedResponse':
      writeResult(writer, message.messageId, resultTags[message.op], message)
      return
    default:
      writeRequest(writer, message)
  }
}

type ResultOp = Exclude<
  LdapResponse['op'],
  'searchResultEntry' | 'searchResultReference' | 'intermediateResponse'
>

const resultTags: Readonly<Record<ResultOp, number>> = {
  bindResponse: tags.BIND_RESPONSE,
  searchResultDone: tags.SEARCH_RESULT_DONE,
  modifyResponse: tags.MODIFY_RESPONSE,
  addResponse: tags.ADD_RESPONSE,
  delResponse: tags.DEL_RESPONSE,
  modifyDnResponse: tags.MODIFY_DN_RESPONSE,
  compareResponse: tags.COMPARE_RESPONSE,
  extendedResponse: tags.EXTENDED_RESPONSE,
}

function writeRequest(writer: BerWriter, request: LdapRequest): void {
  const start = writer.begin(tags.SEQUENCE)
  writer.integer(request.messageId)
  writeOperation(writer, request)
  writeControls(writer, request.controls)
  writer.end(start)
}

function writeOperation(writer: BerWriter, request: LdapRequest): void {
  switch (request.op) {
    case 'bindRequest': {
      const start = writer.begin(tags.BIND_REQUEST)
      writer.integer(request.version)
      writer.string(request.name)
      const { authentication } = request
      if (authentication.mechanism === 'simple') writer.octets(authentication.password, 0x80)
      else {
        const sasl = writer.begin(0xa3)
        writer.string(authentication.sasl)
        if (authentication.credentials !== undefined) writer.octets(authentication.credentials)
        writer.end(sasl)
      }
      writer.end(start)
      return
    }
    case 'unbindRequest':
      writer.string('', tags.UNBIND_REQUEST)
      return
    case 'searchRequest': {
      const start = writer.begin(tags.SEARCH_REQUEST)
      writer.string(request.base)
      writer.integer(searchScopes.indexOf(request.scope), tags.ENUMERATED)
      writer.integer(aliasDereferencings.indexOf(request.derefAliases), tags.ENUMERATED)
      writer.integer(request.sizeLimit)
      writer.integer(request.timeLimit)
      writer.boolean(request.typesOnly)
      writeFilter(writer, request.filter)
      const list = writer.begin(tags.SEQUENCE)
      for (const attribute of request.attributes) writer.string(attribute)
      writer.end(list)
      writer.end(start)
      return
    }
    case 'modifyRequest': {
      const start = writer.begin(tags.MODIFY_REQUEST)
      writer.string(request.object)
      const list = writer.begin(tags.SEQUENCE)
      for (const { operation, attribute } of request.changes) {
        const change = writer.begin(tags.SEQUENCE)
        writer.integer(modifyOperations.indexOf(operation), tags.ENUMERATED)
        writeAttribute(writer, attribute)
        writer.end(change)
      }
      writer.end(list)
      writer.end(start)
      return
    }
    case 'addRequest': {
      const start = writer.begin(tags.ADD_REQUEST)
      writer.string(request.entry)
      const list = writer.begin(tags.SEQUENCE)
      for (const attribute of request.attributes) writeAttribute(writer, attribute)
      writer.end(list)
      writer.end(start)
      return
    }
    case 'delRequest':
      writer.string(request.entry, tags.DEL_REQUEST)
      return
    case 'modifyDnRequest': {
      const start = writer.begin(tags.MODIFY_DN_REQUEST)
      writer.string(request.entry)
      writer.string(request.newRdn)
      writer.boolean(request.deleteOldRdn)
      if (request.newSuperior !== undefined) writer.string(request.newSuperior, 0x80)
      writer.end(start)
      return
    }
    case 'compareRequest': {
      const start = writer.begin(tags.COMPARE_REQUEST)
      writer.string(request.entry)
      const assertion = writer.begin(tags.SEQUENCE)
      writer.string(request.attribute)
      writer.octets(request.value)
      writer.end(assertion)
      writer.end(start)
      return
    }
    case 'abandonRequest':
      writer.integer(request.target, tags.ABANDON_REQUEST)
      return
    case 'extendedRequest': {
      const start = writer.begin(tags.EXTENDED_REQUEST)
      writer.string(request.name, 0x80)
      if (request.value !== undefined) writer.octets(request.value, 0x81)
      writer.end(start)
    }
  }
}

function writeAttribute(writer: BerWriter, attribute: Attribute): void {
  const start = writer.begin(tags.SEQUENCE)
  writer.string(attribute.type)
  const set = writer.begin(tags.SET)
  for (const value of attribute.values) writer.octets(value)
  writer.end(set)
  writer.end(start)
}
