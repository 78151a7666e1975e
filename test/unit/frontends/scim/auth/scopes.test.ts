/** What scopes are called: by us, for every resource type, and by the authorization servers of others. */
import { describe, expect, it } from 'vitest'
import { required, ScopeNames, scopesIn } from '../../../../../src/frontends/scim/auth/scopes.js'

describe('the scope that a request needs', () => {
  it.each([
    ['User', 'read', 'users.read'],
    ['User', 'write', 'users.write'],
    ['Group', 'write', 'groups.write'],
    ['FidoDevice', 'read', 'fido.read'],
    ['Fido2Device', 'write', 'fido2.write'],
    ['Device', 'read', 'devices.read'],
    ['Company', 'read', 'companies.read'],
    ['SwitchBox', 'read', 'switchboxes.read'],
    ['Key', 'write', 'keys.write'],
    ['User', 'search', 'search'],
    [undefined, 'search', 'search'],
    [undefined, 'bulk', 'bulk'],
  ] as const)('%s %s: %s', (type, operation, scope) => {
    expect(required(type, operation)).toBe(scope)
  })
})

describe('names in tokens', () => {
  const granted = (names: ScopeNames, ...given: string[]) => [...names.granted(given)].sort()

  it('are ours unless the configuration says otherwise', () => {
    const names = new ScopeNames({})
    expect(granted(names, 'users.read', 'devices.write', 'bulk', 'search')).toEqual([
      'bulk',
      'devices.write',
      'search',
      'users.read',
    ])
  })

  it.each([
    '*',
    'openid',
    'users',
    'users.admin',
    'USERS.READ',
    'users.read.x',
    'constructor',
    '__proto__',
    '',
  ])('grant nothing that is called "%s"', (name) => expect(granted(new ScopeNames({}), name)).toEqual([]))

  it('of the configuration stand in place of ours', () => {
    const names = new ScopeNames({
      'users.read': ['https://jans.io/scim/users.read', 'Directory.Read'],
      'groups.read': ['Directory.Read'],
      '*': ['scim.admin'],
    })
    expect(granted(names, 'users.read')).toEqual([])
    expect(granted(names, 'https://jans.io/scim/users.read')).toEqual(['users.read'])
    expect(granted(names, 'Directory.Read', 'bulk')).toEqual(['bulk', 'groups.read', 'users.read'])
    expect(granted(names, 'scim.admin')).toEqual(['*'])
    expect(names.shown('users.read')).toBe('https://jans.io/scim/users.read')
    expect(names.shown('users.write')).toBe('users.write')
  })

  it('stand in a claim as text or as a list', () => {
    expect(scopesIn('a  b ')).toEqual(['a', 'b'])
    expect(scopesIn(['a', 1, 'b c'])).toEqual(['a', 'b c'])
    for (const claim of [undefined, null, 5, true, { 0: 'a' }]) expect(scopesIn(claim)).toEqual([])
  })
})
