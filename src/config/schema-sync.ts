/** The grammar of how synchronizations go: what becomes of entries, what holds a cycle, and when cycles run. */
import { Cron } from 'croner'
import { z } from 'zod'
import { duration, period } from './duration.js'
import type { Frozen } from './freeze.js'
import { complain, flag, scalarSchema, wholeNumber } from './scalar.js'

const attributes = z.array(z.string().min(1))

/** `50`, `5%`, or both. */
const removeLimit = z
  .union([
    scalarSchema(
      (text): RemoveLimit | undefined => {
        const [, digits = '', percent] = /^(\d{1,9}(?:\.\d{1,4})?)(%)?$/.exec(text) ?? []
        const number = Number(digits)
        if (digits === '' || (percent === '%' && number > 100)) return undefined
        if (percent === '%') return { percent: number }
        return Number.isInteger(number) ? { count: number } : undefined
      },
      {
        message: 'is no limit of removals',
        remedy: 'Write a number, a percentage such as "5%", or { count: 50, percent: 5 }.',
      },
    ),
    z.strictObject({
      count: wholeNumber(0, 2 ** 31 - 1).describe('Entries of a view at most'),
      percent: z.number().min(0).max(100).describe('Such a part of its entries at most'),
    }),
  ])
  .describe(
    'How many entries of a view one cycle may remove: a number, a percentage, or { count, percent }, of which both hold; 20 and 10%',
  )

const lossLimit = scalarSchema(
  (text): number | undefined => {
    const [, digits] = /^(\d{1,3}(?:\.\d{1,4})?)%$/.exec(text) ?? []
    return digits === undefined || Number(digits) > 100 ? undefined : Number(digits) / 100
  },
  { message: 'is no percentage', remedy: 'Write one such as "30%".' },
).describe('Which part of the values of an attribute one cycle may take from entries that stay; 30%')

export interface RemoveLimit {
  readonly count?: number
  readonly percent?: number
}

/** What is said for all views, and of a single one instead. */
export const syncKeys = {
  mode: z
    .enum(['mirror', 'add_only', 'remove', 'delete'])
    .optional()
    .describe(
      'What becomes of entries that the source no longer has. mirror: they go. add_only: nothing is removed. remove: they are disabled. delete: they are deleted',
    ),
  noCreate: flag().optional().describe('Nothing is added'),
  noUpdate: flag().optional().describe('Nothing is changed'),
  noDelete: flag().optional().describe('Nothing is removed'),
  deleteDisables: flag().optional().describe('What would be deleted is disabled'),
  tombstones: flag().optional().describe('What would be disabled is hidden and remembered instead'),
  createAsDisabled: flag().optional().describe('New entries cannot log in until they are enabled'),
  noUpdateProviderMismatch: flag().optional().describe('Entries that somebody else keeps are not changed'),
  keepExternalPerson: flag().optional().describe('Entries that somebody else keeps are left alone; true'),
  grace: period().optional().describe('How long an entry is disabled before it is deleted; it stays'),
  maxRemoveLimit: removeLimit.optional(),
  maxLossLimit: lossLimit.optional(),
  required: attributes.optional().describe('Attributes without which an entry is a problem'),
  defaults: z
    .record(z.string().min(1), z.string())
    .optional()
    .describe(
      'Values for attributes that an entry lacks; {attribute} in them stands for another one’s first',
    ),
  defaultName: z.string().min(1).optional().describe('The same for cn, sn and displayName'),
  defaultEmail: z.string().min(1).optional().describe('The same for mail'),
  strict: flag().optional().describe('An entry that lacks something is a problem, whatever the defaults'),
  absent: z
    .record(z.string().min(1), z.enum(['keep', 'clear']))
    .optional()
    .describe('What an attribute without values means: keep what the target has, or clear it; clear'),
  additive: attributes.optional().describe('Attributes whose values are added and never taken away'),
  correlate: attributes
    .optional()
    .describe('Attributes by which an entry is known again whose key is new, the best first'),
}

const cron = z.string().superRefine((expression, ctx) => {
  const wrong = cronProblem(expression)
  if (wrong === undefined) return
  const remedy = 'Write minute, hour, day, month and weekday, e.g. "15 3 * * *".'
  ctx.addIssue({
    code: 'custom',
    ...complain({ message: `is no cron expression: ${wrong}`, quote: true, remedy }),
  })
})

export const scheduleKeys = {
  pollingInterval: duration()
    .optional()
    .describe('Copies are made again after so long; 5m unless there is a cron expression'),
  cron: cron.optional().describe('When copies are made again, as five fields: minute hour day month weekday'),
  timeZone: z
    .string()
    .refine((zone) => cronProblem('0 0 * * *', zone) === undefined, {
      ...complain({ message: 'is no time zone', quote: true, remedy: 'Write a name such as Europe/Berlin.' }),
    })
    .optional()
    .describe('Of the cron expression; that of the machine'),
  fullAfter: period()
    .prefault('1d')
    .describe('Where only what changed is read: all is read again after so long'),
}

/** What is wrong with a cron expression or its time zone; undefined if nothing is. */
function cronProblem(expression: string, zone?: string): string | undefined {
  if (expression.trim().split(/\s+/).length !== 5) return 'it has not five fields'
  try {
    const found = new Cron(expression, { paused: true, ...(zone !== undefined && { timezone: zone }) })
    return found.nextRun() === null ? 'it never comes to pass' : undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const scheduleSchema = z.strictObject(scheduleKeys)

/** Times in milliseconds. */
export type ScheduleConfig = Frozen<{
  interval?: number
  cron?: { expression: string; zone?: string }
  fullAfter: number
}>

const OFTEN = 300_000

export function resolveSchedule(given: z.output<typeof scheduleSchema>): ScheduleConfig {
  const { pollingInterval, cron: expression, timeZone, fullAfter } = given
  const interval = pollingInterval ?? (expression === undefined ? OFTEN : undefined)
  return {
    fullAfter,
    ...(interval !== undefined && { interval }),
    ...(expression !== undefined && {
      cron: { expression, ...(timeZone !== undefined && { zone: timeZone }) },
    }),
  }
}

const syncSchema = z.strictObject(syncKeys)

type Given = z.output<typeof syncSchema>

/** Times in milliseconds, parts between 0 and 1. */
export type SyncConfig = Frozen<{
  modes: {
    mode: 'mirror' | 'add_only' | 'remove' | 'delete'
    noCreate: boolean
    noUpdate: boolean
    noDelete: boolean
    deleteDisables: boolean
    tombstones: boolean
    createAsDisabled: boolean
    noUpdateProviderMismatch: boolean
    keepExternalPerson: boolean
    grace?: number
  }
  guard: { maxRemove: number; maxRemoveShare: number; maxLossShare: number }
  validation: {
    required: string[]
    defaults: Record<string, string>
    strict: boolean
    absent: Record<string, 'keep' | 'clear'>
    additive: string[]
  }
  correlate: string[]
}>

const FEW: Required<RemoveLimit> = { count: 20, percent: 10 }

/**
 * What holds where the narrower of these says nothing else, the widest first.
 * @param mode unless one is told
 */
export function resolveSync(mode: SyncConfig['modes']['mode'], ...given: readonly Given[]): SyncConfig {
  const all: Given = Object.assign({}, ...given.map(said))
  const limit = limitOf(all.maxRemoveLimit)
  const { defaultName, defaultEmail } = all
  const named =
    defaultName === undefined ? {} : { cn: defaultName, sn: defaultName, displayName: defaultName }
  return {
    modes: {
      mode: all.mode ?? mode,
      noCreate: all.noCreate ?? false,
      noUpdate: all.noUpdate ?? false,
      noDelete: all.noDelete ?? false,
      deleteDisables: all.deleteDisables ?? false,
      tombstones: all.tombstones ?? false,
      createAsDisabled: all.createAsDisabled ?? false,
      noUpdateProviderMismatch: all.noUpdateProviderMismatch ?? false,
      keepExternalPerson: all.keepExternalPerson ?? true,
      ...(all.grace !== undefined && { grace: all.grace }),
    },
    guard: {
      maxRemove: limit.count,
      maxRemoveShare: limit.percent / 100,
      maxLossShare: all.maxLossLimit ?? 0.3,
    },
    validation: {
      required: all.required ?? [],
      defaults: { ...named, ...(defaultEmail !== undefined && { mail: defaultEmail }), ...all.defaults },
      strict: all.strict ?? false,
      absent: all.absent ?? {},
      additive: all.additive ?? [],
    },
    correlate: all.correlate ?? [],
  }
}

/** Without what is there and undefined. */
function said(given: Given): Given {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

/** One of them alone is the only one. */
function limitOf(limit: RemoveLimit | undefined): Required<RemoveLimit> {
  if (limit === undefined) return FEW
  const { count = Number.MAX_SAFE_INTEGER, percent = 100 } = limit
  return { count, percent }
}
