/**
 * A small domain as Active Directory keeps it, for tests that have it behind the gateway: accounts in all their states,
 * nested groups, a group too large for one answer, and what is not a person though it looks like one.
 */

const suffix = 'DC=ad,DC=example,DC=net'
export const staff = `OU=Staff,${suffix}`
export const adGroups = `OU=Groups,${suffix}`
const partners = `OU=Partners,${suffix}`

/** Whom the gateway is there: an ordinary account, which may read what all may. */
export const adService = { dn: `CN=gateway,OU=Services,${suffix}`, password: 'Gate Keeper 1' }

/** Windows' file times (100 ns since 1601) of the first seconds of these years. */
const fileTimes = { 2020: '132223104000000000', 2099: '157153824000000000' } as const

/** Bits of userAccountControl. */
const NORMAL = 0x200
const DISABLED = 0x2
const WORKSTATION = 0x1000

interface AdPerson {
  readonly login: string
  /** The RDN as Active Directory makes it of the full name. */
  readonly cn: string
  readonly sn: string
  readonly givenName?: string
  /** An organizational unit below `staff`. */
  readonly site?: string
  readonly password?: string
  readonly disabled?: true
  /** 0 and the greatest number: never. */
  readonly accountExpires?: string
  readonly manager?: string
  readonly more?: Readonly<Record<string, readonly (string | Uint8Array)[]>>
}

/** The beginning and end of a JPEG, with all octets between. */
export const portrait = Uint8Array.from([
  ...[0xff, 0xd8, 0xff, 0xe0],
  ...Array.from({ length: 256 }, (_, octet) => octet),
  ...[0xff, 0xd9],
])

export const adPeople: readonly AdPerson[] = [
  {
    login: 'ada',
    cn: 'Ada Lovelace',
    sn: 'Lovelace',
    givenName: 'Ada',
    password: 'Analytical 1',
    accountExpires: '9223372036854775807',
    more: {
      displayName: ['Lovelace, Ada'],
      mail: ['ada@example.net'],
      proxyAddresses: ['SMTP:ada@example.net', 'smtp:ada.lovelace@example.net', 'smtp:countess@example.net'],
      thumbnailPhoto: [portrait],
      title: ['Analyst'],
      department: ['Engines'],
      employeeID: ['1001'],
      telephoneNumber: ['+44 20 7946 0001'],
      mobile: ['+44 7700 900001'],
      l: ['London'],
    },
  },
  {
    login: 'charles',
    cn: 'Charles Babbage',
    sn: 'Babbage',
    givenName: 'Charles',
    site: 'London',
    password: 'Difference 2',
    accountExpires: '0',
    manager: 'ada',
    more: {
      mail: ['charles@example.net'],
      proxyAddresses: ['SMTP:charles@example.net'],
      department: ['Engines'],
    },
  },
  {
    login: 'juergen',
    cn: 'Müller, Jürgen',
    sn: 'Müller',
    givenName: 'Jürgen',
    site: 'London',
    password: 'Schlüssel 3',
    manager: 'charles',
    accountExpires: fileTimes[2099],
    more: { mail: ['juergen@example.net'], description: ['Büro 3; "links"'] },
  },
  {
    login: 'locked',
    cn: 'Lou Locked',
    sn: 'Locked',
    givenName: 'Lou',
    password: 'Locked Out 4',
    disabled: true,
  },
  {
    login: 'expired',
    cn: 'Exa Expired',
    sn: 'Expired',
    givenName: 'Exa',
    password: 'Ended 2020',
    accountExpires: fileTimes[2020],
  },
  { login: 'nobody', cn: 'No Password', sn: 'Password', disabled: true },
  { login: 'madonna', cn: 'Madonna', sn: 'Madonna', password: 'One Name 5' },
]

interface AdGroup {
  readonly cn: string
  readonly description?: string
  /** Logins. */
  readonly people?: readonly string[]
  readonly groups?: readonly string[]
}

const adGroupList: readonly AdGroup[] = [
  { cn: 'Engines', description: 'All that turns', people: ['ada'], groups: ['Mills'] },
  { cn: 'Mills', people: ['charles', 'locked'], groups: ['Gears, Cogs'] },
  { cn: 'Gears, Cogs', people: ['juergen'] },
  { cn: 'Egg', people: ['madonna'], groups: ['Hen'] },
  { cn: 'Hen', groups: ['Egg'] },
  { cn: 'Empty' },
]

/** A real domain controller gives 1500 values of an attribute at a time. */
export const LARGE_GROUP = { cn: 'Everybody outside', size: 1600 }

export const adPersonDn = (login: string): string => {
  const person = adPeople.find((one) => one.login === login)
  if (person === undefined) throw new Error(`nobody is called ${login}`)
  const cn = person.cn.replaceAll(',', '\\,')
  return `CN=${cn},${person.site === undefined ? '' : `OU=${person.site},`}${staff}`
}
export const adGroupDn = (cn: string): string => `CN=${cn.replaceAll(',', '\\,')},${adGroups}`
const partnerDn = (n: number) => `CN=Partner ${n},${partners}`

/** RFC 2849, in an order in which it can be added. */
export function adLdif(): string {
  const unit = (dn: string) => record(dn, { objectClass: ['organizationalUnit'] })
  return [
    unit(staff),
    unit(`OU=London,${staff}`),
    unit(adGroups),
    unit(partners),
    unit(`OU=Services,${suffix}`),
    record(adService.dn, {
      ...user('gateway', NORMAL, adService.password),
      description: ['Reads the directory'],
    }),
    ...adPeople.map(personRecord),
    // Outside the staff's part of the tree, though a person.
    record(`CN=Otto Outside,CN=Users,${suffix}`, { ...user('otto', NORMAL, 'Outside 6'), sn: ['Outside'] }),
    // A computer is a user to Active Directory, by its classes.
    record(`CN=PC1,${staff}`, {
      objectClass: ['computer'],
      sAMAccountName: ['PC1$'],
      userAccountControl: [String(WORKSTATION)],
    }),
    ...Array.from({ length: LARGE_GROUP.size }, (_, i) =>
      record(partnerDn(i + 1), { objectClass: ['contact'], mail: [`partner${i + 1}@example.org`] }),
    ),
    ...adGroupList.map((group) => record(adGroupDn(group.cn), groupAttributes(group.cn, group.description))),
    ...adGroupList.flatMap((group) => {
      const members = [...(group.people ?? []).map(adPersonDn), ...(group.groups ?? []).map(adGroupDn)]
      return members.length === 0 ? [] : [addMembers(adGroupDn(group.cn), members)]
    }),
    record(adGroupDn(LARGE_GROUP.cn), {
      ...groupAttributes(LARGE_GROUP.cn),
      member: Array.from({ length: LARGE_GROUP.size }, (_, i) => partnerDn(i + 1)),
    }),
  ].join('\n')
}

type Attributes = Readonly<Record<string, readonly (string | Uint8Array)[]>>

function user(login: string, control: number, password?: string): Attributes {
  return {
    objectClass: ['user'],
    sAMAccountName: [login],
    userPrincipalName: [`${login}@ad.example.net`],
    userAccountControl: [String(control)],
    // Active Directory takes a password in quotes, in UTF-16.
    ...(password !== undefined && { unicodePwd: [Buffer.from(`"${password}"`, 'utf16le')] }),
  }
}

function personRecord(person: AdPerson): string {
  const { login, sn, givenName, password, disabled, accountExpires, manager, more } = person
  return record(adPersonDn(login), {
    ...user(login, disabled === undefined ? NORMAL : NORMAL | DISABLED, password),
    sn: [sn],
    ...(givenName !== undefined && { givenName: [givenName] }),
    ...(accountExpires !== undefined && { accountExpires: [accountExpires] }),
    ...(manager !== undefined && { manager: [adPersonDn(manager)] }),
    ...more,
  })
}

function groupAttributes(cn: string, description?: string): Attributes {
  return {
    objectClass: ['group'],
    sAMAccountName: [cn.replaceAll(',', '')],
    ...(description !== undefined && { description: [description] }),
  }
}

function record(dn: string, attributes: Attributes): string {
  const lines = Object.entries(attributes).flatMap(([name, values]) =>
    values.map((value) => line(name, value)),
  )
  return `${[line('dn', dn), 'changetype: add', ...lines].join('\n')}\n`
}

function addMembers(dn: string, members: readonly string[]): string {
  const values = members.map((member) => line('member', member))
  return `${[line('dn', dn), 'changetype: modify', 'add: member', ...values, '-'].join('\n')}\n`
}

function line(name: string, value: string | Uint8Array): string {
  const plain = typeof value === 'string' && /^[!-~]*( +[!-~]+)*$/.test(value) && !/^[:<]/.test(value)
  return plain ? `${name}: ${value}` : `${name}:: ${Buffer.from(value).toString('base64')}`
}
