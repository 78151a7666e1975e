import { describe, expect, it } from 'vitest'
import { copiedView } from '../../../src/copy/views/tables.js'
import { untoldOf } from '../../../src/copy/views/untold.js'
import { Problems } from '../../../src/mapping/problem.js'
import { mappingSchema } from '../../../src/mapping/schema.js'
import { viewOf } from '../../../src/mapping/view.js'
import { standardSchema } from '../../../src/schema/schema.js'

function untold(attributes: object, more: object = {}, isDirectory = false) {
  const schema = standardSchema()
  const spec = mappingSchema.parse({
    view: 'people',
    source: 'hr',
    from: 'users',
    key: 'id',
    attributes: { uid: 'login', ...attributes },
    ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
    ...more,
  })
  const directories = new Set(isDirectory ? ['hr'] : [])
  const view = viewOf(spec, schema, new Problems(), [spec], directories)
  return untoldOf(spec, copiedView(spec, view, schema), schema, isDirectory)
}

const join = { pay: { source: 'payroll', from: 'staff', on: { id: 'user_id' } } }

describe('values whose changes the time of an entry does not tell', () => {
  it('are not those of its own row', () => {
    const own = { cn: '{first} {last}', manager: { ref: 'people', column: 'boss' }, sn: { column: 'last' } }
    expect(untold(own)).toEqual([])
  })

  it('are those of child tables and of joined sources', () => {
    const attributes = {
      mail: ['email', { table: 'mails', on: 'user_id', value: 'address' }],
      cn: '{first} {pay.last}',
      employeeNumber: { column: 'pay.no' },
    }
    expect(untold(attributes, { join, enabled: 'pay.active' })).toEqual([
      { attr: 'mail', where: 'table mails' },
      { attr: 'cn', where: 'join pay' },
      { attr: 'employeeNumber', where: 'join pay' },
      { attr: 'enabled', where: 'join pay' },
    ])
  })

  it("are a directory's memberOf", () => {
    const attributes = { memberOf: { ref: 'people', column: 'memberOf' }, mail: 'mail' }
    expect(untold(attributes, {}, true).map(({ attr }) => attr)).toEqual(['memberOf'])
    expect(untold(attributes)).toEqual([])
  })
})
