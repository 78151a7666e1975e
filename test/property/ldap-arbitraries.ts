/** Random LDAP messages, filters and names for the property tests. */
import fc from 'fast-check'
import type { Control, LdapFilter, LdapMessage, Rdn } from '../../src/ldap/index.js'
import {
  type Attribute,
  aliasDereferencings,
  modifyOperations,
  searchScopes,
} from '../../src/ldap/message.js'

export const octets = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes))
/** Octets that a piece of a substrings filter may have. */
const piece = fc.uint8Array({ minLength: 1, maxLength: 8 }).map((bytes) => Buffer.from(bytes))
const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.string({ maxLength: 20 }))
const attributeName = fc.oneof(
  fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,12}(;[a-z-]{1,5})?$/),
  fc.stringMatching(/^[0-2](\.[0-9]{1,3}){1,4}$/),
)
const ruleName = fc.oneof(fc.constant('caseExactMatch'), fc.constant('1.2.840.113556.1.4.1941'))

export const filter: fc.Arbitrary<LdapFilter> = fc.letrec<{ filter: LdapFilter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.record({ tag: fc.constant('present' as const), attribute: attributeName }),
    fc.record({
      tag: fc.constantFrom('equality', 'greaterOrEqual', 'lessOrEqual', 'approx'),
      attribute: attributeName,
      value: octets,
    }),
    fc
      .record(
        {
          tag: fc.constant('substrings' as const),
          attribute: attributeName,
          initial: piece,
          any: fc.array(piece, { maxLength: 3 }),
          final: piece,
        },
        { requiredKeys: ['tag', 'attribute', 'any'] },
      )
      .filter((f) => f.any.length > 0 || f.initial !== undefined || f.final !== undefined),
    fc
      .record(
        {
          tag: fc.constant('extensible' as const),
          rule: ruleName,
          attribute: attributeName,
          value: octets,
          dnAttributes: fc.boolean(),
        },
        { requiredKeys: ['tag', 'value', 'dnAttributes'] },
      )
      .filter((f) => f.rule !== undefined || f.attribute !== undefined),
    fc.record({
      tag: fc.constantFrom('and', 'or'),
      filters: fc.array(tie('filter'), { maxLength: 4 }),
    }),
    fc.record({ tag: fc.constant('not' as const), filter: tie('filter') }),
  ) as fc.Arbitrary<LdapFilter>,
})).filter

const control: fc.Arbitrary<Control> = fc.record(
  { type: fc.stringMatching(/^1(\.[0-9]{1,4}){1,5}$/), critical: fc.boolean(), value: octets },
  { requiredKeys: ['type', 'critical'] },
)
const attribute: fc.Arbitrary<Attribute> = fc.record({
  type: attributeName,
  values: fc.array(octets, { maxLength: 3 }),
})
const attributes = fc.array(attribute, { maxLength: 4 })
const envelope = {
  messageId: fc.integer({ min: 1, max: 0x7fffffff }),
  controls: fc.array(control, { maxLength: 2 }),
}
const limit = fc.integer({ min: 0, max: 0x7fffffff })
const uris = fc.array(text, { minLength: 1, maxLength: 3 })

const result = {
  ...envelope,
  code: fc.integer({ min: 0, max: 4096 }),
  matchedDN: text,
  message: text,
  referrals: uris,
}
const resultKeys = ['op', 'messageId', 'controls', 'code', 'matchedDN', 'message'] as const

export const message: fc.Arbitrary<LdapMessage> = fc.oneof(
  fc.record({
    op: fc.constant('bindRequest' as const),
    ...envelope,
    version: fc.integer({ min: 1, max: 127 }),
    name: text,
    authentication: fc.oneof(
      fc.record({ mechanism: fc.constant('simple' as const), password: octets }),
      fc.record(
        { mechanism: fc.constant('sasl' as const), sasl: text, credentials: octets },
        { requiredKeys: ['mechanism', 'sasl'] },
      ),
    ),
  }),
  fc.record({ op: fc.constant('unbindRequest' as const), ...envelope }),
  fc.record({
    op: fc.constant('searchRequest' as const),
    ...envelope,
    base: text,
    scope: fc.constantFrom(...searchScopes),
    derefAliases: fc.constantFrom(...aliasDereferencings),
    sizeLimit: limit,
    timeLimit: limit,
    typesOnly: fc.boolean(),
    filter,
    attributes: fc.array(text, { maxLength: 4 }),
  }),
  fc.record({
    op: fc.constant('modifyRequest' as const),
    ...envelope,
    object: text,
    changes: fc.array(fc.record({ operation: fc.constantFrom(...modifyOperations), attribute }), {
      maxLength: 3,
    }),
  }),
  fc.record({ op: fc.constant('addRequest' as const), ...envelope, entry: text, attributes }),
  fc.record({ op: fc.constant('delRequest' as const), ...envelope, entry: text }),
  fc.record(
    {
      op: fc.constant('modifyDnRequest' as const),
      ...envelope,
      entry: text,
      newRdn: text,
      deleteOldRdn: fc.boolean(),
      newSuperior: text,
    },
    { requiredKeys: ['op', 'messageId', 'controls', 'entry', 'newRdn', 'deleteOldRdn'] },
  ),
  fc.record({
    op: fc.constant('compareRequest' as const),
    ...envelope,
    entry: text,
    attribute: text,
    value: octets,
  }),
  fc.record({
    op: fc.constant('abandonRequest' as const),
    ...envelope,
    target: fc.integer({ min: 1, max: 0x7fffffff }),
  }),
  fc.record(
    { op: fc.constant('extendedRequest' as const), ...envelope, name: text, value: octets },
    { requiredKeys: ['op', 'messageId', 'controls', 'name'] },
  ),
  fc.record({ op: fc.constant('searchResultEntry' as const), ...envelope, dn: text, attributes }),
  fc.record({ op: fc.constant('searchResultReference' as const), ...envelope, uris }),
  fc.record(
    {
      op: fc.constantFrom(
        'searchResultDone',
        'modifyResponse',
        'addResponse',
        'delResponse',
        'modifyDnResponse',
        'compareResponse',
      ),
      ...result,
    },
    { requiredKeys: [...resultKeys] },
  ),
  fc.record(
    { op: fc.constant('bindResponse' as const), ...result, serverSaslCreds: octets },
    { requiredKeys: [...resultKeys] },
  ),
  fc.record(
    { op: fc.constant('extendedResponse' as const), ...result, name: text, value: octets },
    { requiredKeys: [...resultKeys] },
  ),
  fc.record(
    { op: fc.constant('intermediateResponse' as const), ...envelope, name: text, value: octets },
    { requiredKeys: ['op', 'messageId', 'controls'] },
  ),
) as fc.Arbitrary<LdapMessage>

const rdnValue = fc.oneof(text, fc.string({ unit: fc.constantFrom(...' "#+,;<=>\\aé漢\0\n'), maxLength: 8 }))
const invalidUtf8 = octets.map((bytes) => Buffer.concat([bytes, Buffer.from([0xff])]))

export const rdn: fc.Arbitrary<Rdn> = fc.array(
  fc.record({
    type: fc.oneof(
      fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,8}$/),
      fc.stringMatching(/^[0-2](\.[0-9]{1,3}){1,4}$/),
    ),
    value: fc.oneof(rdnValue, invalidUtf8),
  }),
  { minLength: 1, maxLength: 3 },
)
