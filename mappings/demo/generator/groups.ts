/** The company's groups: who is in them, and which groups are within which. */
import { departments, offices } from './company.js'
import type { Person } from './people.js'
import type { Random } from './random.js'

export interface Group {
  readonly id: number
  readonly name: string
  readonly description: string | null
  readonly owner: number | null
  /** Keys of people; some may have left since. */
  readonly members: readonly number[]
  /** Names of the groups within it. */
  readonly groups: readonly string[]
  readonly created: Date
}

const projects: readonly (readonly [name: string, description: string | null])[] = [
  ['Aurora', 'Next generation light engine'],
  ['Basalt', 'Storage migration'],
  ['Cirrus', 'Customer portal'],
  ['Delta', null],
  ['Éclair', 'Fast firmware updates'],
  ['Fjord', 'Nordic market entry'],
  ['Ginkgo', 'Energy saving'],
  ['Helios', 'Solar showcase'],
  ['Iris', 'Image sensors'],
  ['Jupiter', 'ERP replacement'],
  ['Kelvin', 'Colour temperature calibration'],
  ['Lumen', 'Laboratory renovation'],
]

/** Every group has somebody in it who has not left, as groupOfNames demands. */
export function makeGroups(random: Random, people: readonly Person[]): readonly Group[] {
  const groups: Group[] = []
  const present = people.filter((p) => p.deleted === null)
  const add = (
    name: string,
    description: string | null,
    members: readonly Person[],
    within: readonly string[] = [],
    owner: number | null = null,
  ) => {
    const created = new Date(Date.UTC(2015, 2, 1, 8, 30) + groups.length * 5 * 86_400_000)
    groups.push({
      id: groups.length + 1,
      name,
      description,
      owner,
      members: members.map((m) => m.id),
      groups: within,
      created,
    })
  }
  const some = (least: number, spread: number) => random.sample(present, least + random.int(spread))

  add('everyone', 'All people of the company', people, [], present[0]?.id ?? null)
  for (const department of departments) {
    const members = people.filter((p) => p.department === department)
    add(department.group, `People of ${department.name}`, members, [], members[0]?.id ?? null)
  }
  for (const office of offices) {
    add(
      office.group,
      office.description,
      people.filter((p) => p.office === office),
    )
  }
  for (const [name, description] of projects) {
    const members = some(5, 10)
    add(`Project ${name}`, description, members, [], members[0]?.id ?? null)
  }
  add(
    'technology',
    'All technical departments',
    [],
    ['engineering', 'platform', 'quality', 'R&D', 'it-services'],
    2,
  )
  add(
    'commercial',
    'All departments that talk to customers',
    [],
    ['product', 'design', 'sales', 'marketing', 'support'],
    3,
  )
  add('administration', null, [], ['finance', 'human-resources', 'legal', 'facilities'])
  add(
    'all-departments',
    'The whole organisation chart',
    [],
    ['management', 'technology', 'commercial', 'administration'],
    1,
  )
  add(
    'Sales, EMEA',
    'Europe, Middle East and Africa',
    present.filter((p) => p.department.group === 'sales' && p.office.group !== '東京オフィス'),
  )
  add(
    'C++ Guild',
    'Meets on Thursdays',
    random.sample(
      present.filter((p) => p.department.group === 'engineering'),
      11,
    ),
  )
  add('vpn-users', 'May connect from outside', some(20, 15), ['technology', 'management'])
  add('on-call', 'Reachable at night', some(4, 4), ['platform'])
  add(
    'contractors',
    null,
    present.filter((p) => p.type === 'contractor'),
  )
  add('first-aiders', 'Trained in first aid', some(9, 6))
  add('wiki-editors', 'May edit the handbook', some(6, 8), ['human-resources', 'Project Jupiter'])
  add('security-officers', 'Data protection and IT security', some(3, 2), ['legal'])
  return groups
}
