/** Values of controls as BER: malformed ones become answers that clients understand. */
import { BerReader } from '../ber-reader.js'
import { BerError, MessageError } from '../errors.js'
import type { Control } from '../message.js'
import { resultCode } from '../result-code.js'

/** What `read` makes of the control's value. @throws MessageError protocolError for one that is absent or malformed */
export function readValue<T>(control: Control, read: (reader: BerReader) => T): T {
  if (control.value === undefined) throw malformed(control, 'it has no value')
  try {
    return read(new BerReader(control.value))
  } catch (error) {
    if (error instanceof BerError) throw malformed(control, error.message)
    throw error
  }
}

export function malformed(control: Control, why: string): MessageError {
  return new MessageError(resultCode.protocolError, `malformed control ${control.type}: ${why}`)
}
