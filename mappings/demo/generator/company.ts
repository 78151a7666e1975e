/** The company's departments, titles and offices: what stays the same whoever works there. */

export interface Department {
  readonly id: number
  readonly code: string
  readonly name: string
  /** Name of the group of its people. */
  readonly group: string
  /** How many people work there, its head included. */
  readonly size: number
  readonly head: string
  readonly lead: string
  readonly titles: readonly [string, ...string[]]
}

let departmentId = 0

function department(
  code: string,
  name: string,
  group: string,
  size: number,
  head: string,
  lead: string,
  titles: readonly [string, ...string[]],
): Department {
  departmentId += 1
  return { id: departmentId, code, name, group, size, head, lead, titles }
}

/** The first one's head manages all the others' heads. */
export const departments: readonly Department[] = [
  department('1000', 'Management', 'management', 4, 'Chief Executive Officer', 'Chief of Staff', [
    'Executive Assistant',
  ]),
  department('2100', 'Engineering', 'engineering', 84, 'VP Engineering', 'Engineering Manager', [
    'Software Engineer',
    'Senior Software Engineer',
    'Staff Engineer',
    'Embedded Systems Engineer',
    'Firmware Engineer',
  ]),
  department('2200', 'Platform Operations', 'platform', 30, 'Director of Platform', 'Operations Lead', [
    'Site Reliability Engineer',
    'Network Engineer',
    'Database Administrator',
    'Systems Administrator',
  ]),
  department('2300', 'Quality Assurance', 'quality', 20, 'Head of Quality', 'Test Lead', [
    'Test Engineer',
    'Test Automation Engineer',
    'Quality Analyst',
  ]),
  department('2400', 'Research & Development', 'R&D', 24, 'Director of Research', 'Principal Scientist', [
    'Research Scientist',
    'Optics Engineer',
    'Materials Scientist',
  ]),
  department('2500', 'Product Management', 'product', 14, 'Head of Product', 'Group Product Manager', [
    'Product Manager',
    'Product Owner',
    'Business Analyst',
  ]),
  department('2600', 'Design', 'design', 12, 'Head of Design', 'Lead Designer', [
    'Product Designer',
    'Illustrator',
    'UX Researcher',
  ]),
  department('3100', 'Sales', 'sales', 40, 'VP Sales', 'Regional Sales Manager', [
    'Account Executive',
    'Key Account Manager',
    'Sales Engineer',
    'Sales Representative',
  ]),
  department('3200', 'Marketing', 'marketing', 18, 'Head of Marketing', 'Campaign Lead', [
    'Content Editor',
    'Event Manager',
    'Media Planner',
  ]),
  department('3300', 'Customer Support', 'support', 34, 'Head of Support', 'Support Team Lead', [
    'Support Engineer',
    'Support Agent',
    'Field Service Technician',
  ]),
  department('4100', 'Finance & Controlling', 'finance', 16, 'Chief Financial Officer', 'Chief Accountant', [
    'Accountant',
    'Controller',
    'Payroll Clerk',
  ]),
  department('4200', 'Human Resources', 'human-resources', 12, 'Head of People', 'HR Business Partner', [
    'Recruiter',
    'HR Generalist',
  ]),
  department('4300', 'Legal & Compliance', 'legal', 6, 'General Counsel', 'Data Protection Officer', [
    'Counsel',
    'Paralegal',
  ]),
  department('4400', 'IT Services', 'it-services', 16, 'Head of IT', 'Service Desk Lead', [
    'IT Support Specialist',
    'Workplace Engineer',
    'Security Engineer',
  ]),
  department('4500', 'Facilities', 'facilities', 8, 'Head of Facilities', 'Site Manager', [
    'Facility Technician',
    'Receptionist',
  ]),
]

export interface Office {
  readonly group: string
  readonly description: string
  /** Country and area code. */
  readonly dial: string
  readonly mobileDial: string
  /** How its rooms' numbers begin. */
  readonly building: string
  readonly street: string
  readonly postalCode: string
  readonly locality: string
  readonly region: string | null
  /** ISO 3166-1, two letters. */
  readonly country: string
  readonly timezone: string
}

export const offices: readonly [Office, ...Office[]] = [
  {
    group: 'Büro Zürich',
    description: 'Standort Zürich',
    dial: '+41 44',
    mobileDial: '+41 79',
    building: 'ZH',
    street: 'Limmatquai 555',
    postalCode: '8001',
    locality: 'Zürich',
    region: 'ZH',
    country: 'CH',
    timezone: 'Europe/Zurich',
  },
  {
    group: 'Büro Berlin',
    description: 'Standort Berlin',
    dial: '+49 30',
    mobileDial: '+49 151',
    building: 'B',
    street: 'Torstraße 555',
    postalCode: '10119',
    locality: 'Berlin',
    region: null,
    country: 'DE',
    timezone: 'Europe/Berlin',
  },
  {
    group: 'Dublin Office',
    description: 'Everyone at Grand Canal',
    dial: '+353 1',
    mobileDial: '+353 86',
    building: 'D',
    street: '55 Grand Canal Square',
    postalCode: 'D02 X555',
    locality: 'Dublin',
    region: 'Leinster',
    country: 'IE',
    timezone: 'Europe/Dublin',
  },
  {
    group: 'İstanbul Ofisi',
    description: 'Boğaz manzaralı ofis',
    dial: '+90 212',
    mobileDial: '+90 532',
    building: 'İ',
    street: 'Meclis-i Mebusan Caddesi 555',
    postalCode: '34427',
    locality: 'İstanbul',
    region: null,
    country: 'TR',
    timezone: 'Europe/Istanbul',
  },
  {
    group: '東京オフィス',
    description: '渋谷',
    dial: '+81 3',
    mobileDial: '+81 90',
    building: '東',
    street: '道玄坂5丁目5番5号',
    postalCode: '150-0043',
    locality: '渋谷区',
    region: '東京都',
    country: 'JP',
    timezone: 'Asia/Tokyo',
  },
]
