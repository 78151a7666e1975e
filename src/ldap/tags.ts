/** The BER tags of LDAP (RFC 4511 appendix B). */

export const BOOLEAN = 0x01
export const INTEGER = 0x02
export const OCTET_STRING = 0x04
export const ENUMERATED = 0x0a
export const SEQUENCE = 0x30
export const SET = 0x31

/** LDAPMessage.controls. */
export const CONTROLS = 0xa0

export const BIND_REQUEST = 0x60
export const BIND_RESPONSE = 0x61
export const UNBIND_REQUEST = 0x42
export const SEARCH_REQUEST = 0x63
export const SEARCH_RESULT_ENTRY = 0x64
export const SEARCH_RESULT_DONE = 0x65
export const SEARCH_RESULT_REFERENCE = 0x73
export const MODIFY_REQUEST = 0x66
export const MODIFY_RESPONSE = 0x67
export const ADD_REQUEST = 0x68
export const ADD_RESPONSE = 0x69
export const DEL_REQUEST = 0x4a
export const DEL_RESPONSE = 0x6b
export const MODIFY_DN_REQUEST = 0x6c
export const MODIFY_DN_RESPONSE = 0x6d
export const COMPARE_REQUEST = 0x6e
export const COMPARE_RESPONSE = 0x6f
export const ABANDON_REQUEST = 0x50
export const EXTENDED_REQUEST = 0x77
export const EXTENDED_RESPONSE = 0x78
export const INTERMEDIATE_RESPONSE = 0x79
