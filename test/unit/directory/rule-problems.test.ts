/** What is wrong with access rules is told at once, with where it stands and what to do. */
import { describe, expect, it } from 'vitest'
import { compileRules, type RuleSpec, type Words } from '../../../src/directory/layers/access/rules.js'
import { createGateway, type GatewayInput } from '../../../src/index.js'
import { standardSchema } from '../../../src/schema/schema.js'
import { companyConfig } from '../../protocol/company.js'

type Rule = NonNullable<GatewayInput['access']>[number]

async function problems(rule: Partial<Rule>): Promise<string> {
  const access = [{ who: 'anonymous', views: ['people'], ...rule }]
  try {
    await (await createGateway(companyConfig('sqlite::memory:', { access }))).close()
  } catch (error) {
    return String(error)
  }
  return ''
}

describe('a rule', () => {
  it.each<[Partial<Rule>, string]>([
    [
      { filter: '(departmnt=x)' },
      'access[0].filter: the schema knows no attribute departmnt. Correct its name.',
    ],
    [{ filter: '(title=x)' }, 'access[0].filter: view people has no attribute title.'],
    [{ filter: '(userPassword=x)' }, 'access[0].filter: userPassword is a secret.'],
    [{ filter: '(sn=x' }, 'access[0].filter: it is no LDAP filter:'],
    [{ filter: '(sn={principal.foo})' }, 'access[0].filter: the schema knows no attribute foo.'],
    [
      { who: { group: 'cn=x,o=nowhere' } },
      'access[0].who.group: no entry of a view can have the name cn=x,o=nowhere.',
    ],
    [
      { who: { group: 'uid=bjensen,ou=people,dc=example,dc=com' } },
      'access[0].who.group: the entries of view people have no members.',
    ],
    [{ attributes: ['@persn'] }, 'access[0].attributes[0]: the schema knows no object class persn.'],
    [{ from: '10.0.0.0/33' }, 'access[0].from'],
  ])('%o is refused', async (rule, expected) => {
    expect(await problems(rule)).toContain(expected)
  })
})

describe('an attribute of a rule', () => {
  const schema = standardSchema().withAttributes([{ name: 'description;lang-de' }])
  const words: Words = {
    named: () => () => false,
    group: () => ({ message: 'no', remedy: 'none' }),
    certificate: () => () => false,
    filter: () => ({ message: 'no', remedy: 'none' }),
  }
  const rule = { who: ['anonymous'], allow: ['read'], views: '*', except: [] } as const
  const compiled = (changes: Partial<RuleSpec>) =>
    compileRules([{ ...rule, attributes: '*', ...changes }], schema, new Map(), words, [])

  it('is meant with its options, and with what is derived from it', () => {
    expect(compiled({ except: ['description'] })[0]?.except).toEqual(
      new Set(['description', 'description;lang-de']),
    )
    expect(compiled({ attributes: ['description;lang-de'] })[0]?.attributes).toEqual(
      new Set(['description;lang-de']),
    )
    expect(compiled({ except: ['name'] })[0]?.except).toContain('cn')
  })
})
